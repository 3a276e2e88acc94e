import { useDistributedTables } from '../support/database.js';

useDistributedTables();
await import('./event-log.marks.spec.js');
