import type { Check } from '../../simulation/verification/check.js';
import type { History } from '../history/history.js';
import { openCheckOf, seconds } from './findings.js';

/** The run itself did what its plan says. A round that came too late is left out, and leaves this open. */
export function checkFaultsApplied({ faults, plan }: History): Check[] {
  const failed = faults.filter(({ error }) => error !== undefined);
  const begun = new Set(faults.map(({ id }) => id));
  const leftOut = plan.filter(({ id }) => !begun.has(id)).map(({ kind }) => kind);
  return [
    openCheckOf(
      'every fault was applied and healed',
      failed.map(({ kind, appliedMs, error }) => `${kind} at ${seconds(appliedMs)}: ${String(error)}`),
      leftOut.length === 0 ? [] : [`left out: ${leftOut.join(', ')}`],
      `${String(faults.length - failed.length)} of ${String(plan.length)} planned`,
    ),
  ];
}
