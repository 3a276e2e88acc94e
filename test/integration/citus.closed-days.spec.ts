import { useDistributedTables } from '../support/database.js';

useDistributedTables();
await import('./closed-days.spec.js');
