import type { ChaosOptions } from './options.js';
import { planFaults, type PlannedFault } from './plan/fault-plan.js';
import { requireKinds } from './plan/only-kinds.js';
import { limitToMachine } from './stage/abilities.js';

export interface PlannedRun {
  /** The options with a plan, and with the variants of the stores that this machine can run. */
  readonly options: ChaosOptions & { readonly plan: readonly PlannedFault[] };
  /** The reasons why this machine lacks wanted variants. */
  readonly missing: readonly string[];
}

/**
 * Plans a run for this machine; a recorded plan stays as it is.
 *
 * @throws UsageError when no fault is possible
 */
export function planRun(wanted: ChaosOptions, limit = limitToMachine): PlannedRun {
  const { stores, missing } = limit(wanted.stores);
  const options = { ...wanted, stores };
  if (wanted.plan === undefined) requireKinds(stores, wanted.kinds, missing);
  return { options: { ...options, plan: wanted.plan ?? planFaults(options) }, missing };
}
