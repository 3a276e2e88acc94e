import { ANSWER_SABOTAGE } from './answer-sabotage.js';
import { DATABASE_SABOTAGE } from './database-sabotage.js';
import { PROCESS_SABOTAGE } from './process-sabotage.js';
import type { SeededFault } from './sabotage.js';
import { STORE_SABOTAGE } from './store-sabotage.js';

/** Every sabotage of a real run. */
export const SEEDED_FAULTS: readonly SeededFault[] = [
  ...ANSWER_SABOTAGE,
  ...PROCESS_SABOTAGE,
  ...DATABASE_SABOTAGE,
  ...STORE_SABOTAGE,
  {
    commits: 'cannot be broken by the run',
    checks: ['every fault was applied and healed'],
  },
];
