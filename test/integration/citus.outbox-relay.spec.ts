import { useDistributedTables } from '../support/database.js';

useDistributedTables();
await import('./outbox-relay.spec.js');
