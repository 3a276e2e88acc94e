import { useDistributedTables } from '../support/database.js';

useDistributedTables();
await import('./user-erase.builds.spec.js');
