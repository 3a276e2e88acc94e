import type { Check } from '../../simulation/verification/check.js';
import type { History } from '../history/history.js';
import { checkOf, seconds } from './findings.js';

/** The run itself did what its plan says. */
export function checkFaultsApplied({ faults }: History): Check[] {
  const failed = faults.filter(({ error }) => error !== undefined);
  return [
    checkOf(
      'every fault was applied and healed',
      failed.map(({ kind, appliedMs, error }) => `${kind} at ${seconds(appliedMs)}: ${String(error)}`),
      `${String(faults.length)} faults`,
    ),
  ];
}
