import { useDistributedTables } from '../support/database.js';

useDistributedTables();
await import('./actives-first-days.spec.js');
