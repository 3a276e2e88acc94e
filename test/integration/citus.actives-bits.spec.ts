import { useDistributedTables } from '../support/database.js';

useDistributedTables();
await import('./actives-bits.spec.js');
