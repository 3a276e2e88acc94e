import { groupBy } from '../checkers/group-by.js';
import type { PlannedFault } from '../plan/fault-plan.js';

const FIRST_ROUND_MS = 6_000;
/** The bound of 10 s for the recovery, and time to see it hold. */
const CALM_MS = 15_000;

export interface ShortPlan {
  readonly plan: readonly PlannedFault[];
  readonly durationMs: number;
}

/** Moves the rounds of a thinned plan together, so that a repetition takes no longer than its faults need. */
export function closeGaps(faults: readonly PlannedFault[]): ShortPlan {
  const rounds = [...groupBy(faults, ({ round }) => round).values()].sort(
    (left, right) => startOf(left) - startOf(right),
  );
  const plan: PlannedFault[] = [];
  let nextMs = FIRST_ROUND_MS;
  for (const round of rounds) {
    const shiftMs = nextMs - startOf(round);
    const moved = round.map((fault) => ({ ...fault, startMs: fault.startMs + shiftMs }));
    plan.push(...moved);
    nextMs = Math.max(...moved.map(({ startMs, durationMs }) => startMs + durationMs)) + CALM_MS;
  }
  return { plan, durationMs: nextMs };
}

function startOf(round: readonly PlannedFault[]): number {
  return Math.min(...round.map(({ startMs }) => startMs));
}
