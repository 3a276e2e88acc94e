import type { AppliedFault, History } from '../history/history.js';
import { groupBy } from './group-by.js';

/** The calm after one round of faults. */
export interface Calm {
  readonly after: string;
  readonly healedMs: number;
  readonly endMs: number;
}

/** Returns the time between the last heal of each round and the next fault, or the end of the load. */
export function calmsOf({ faults, loadMs }: Pick<History, 'faults' | 'loadMs'>): Calm[] {
  const rounds = [...groupBy(faults, ({ round }) => round).values()];
  return rounds.map((round): Calm => {
    const healedMs = Math.max(...round.map((fault) => fault.healedMs));
    const later = faults.filter(({ appliedMs }) => appliedMs > healedMs).map(({ appliedMs }) => appliedMs);
    return { after: round.map(describeFault).join(' + '), healedMs, endMs: Math.min(loadMs, ...later) };
  });
}

function describeFault({ kind, replica }: AppliedFault): string {
  return replica === undefined ? kind : `${kind} of replica ${String(replica)}`;
}
