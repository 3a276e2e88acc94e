import { useDistributedTables } from '../support/database.js';

useDistributedTables();
await import('./outbox-status.spec.js');
