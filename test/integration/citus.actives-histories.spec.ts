import { useDistributedTables } from '../support/database.js';

useDistributedTables();
await import('./actives-histories.spec.js');
