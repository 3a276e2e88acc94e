import { useDistributedTables } from '../support/database.js';

useDistributedTables();
await import('./daily-actives-totals.spec.js');
