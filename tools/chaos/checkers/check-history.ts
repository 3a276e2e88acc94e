import type { Check } from '../../simulation/verification/check.js';
import type { History } from '../history/history.js';
import { checkAccounts } from './accounts.js';
import { checkAnswers } from './answers.js';
import { checkAudit } from './audit.js';
import { checkCalculatedDays } from './calculated-days.js';
import { checkDailyActives } from './daily-actives.js';
import { checkFaultsApplied } from './faults-applied.js';
import { checkMachine } from './machine.js';
import { checkMemory } from './memory.js';
import { checkOnlineUsers } from './online-users.js';
import { checkProcesses } from './processes.js';
import { checkPublished } from './published.js';
import { checkReadiness } from './readiness.js';
import { checkRecovery } from './recovery.js';
import { checkSpans } from './spans.js';
import { checkStoredFields } from './stored-fields.js';
import { checkStoredOnce } from './stored-once.js';

/** Judges a run by its history alone, which holds the verdict of the devices. */
export function checkHistory(history: History): Check[] {
  const checks = [
    checkMachine,
    checkFaultsApplied,
    checkStoredOnce,
    checkStoredFields,
    checkAccounts,
    checkDailyActives,
    checkSpans,
    checkCalculatedDays,
    checkAudit,
    checkPublished,
    checkOnlineUsers,
    checkAnswers,
    checkRecovery,
    checkReadiness,
    checkProcesses,
    checkMemory,
  ].flatMap((check) => check(history));
  return [...history.delivery, ...checks];
}
