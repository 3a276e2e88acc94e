import { useDistributedTables } from '../support/database.js';

useDistributedTables();
await import('./retention.spec.js');
