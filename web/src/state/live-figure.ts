import type { LiveState } from '../api/live.js';
import { plainProblem, type Problem } from '../api/problem.js';
import type { LiveStatus, RealtimeDau } from '../api/types.js';

/** Readings come every five seconds. */
export const READING_MAX_AGE_MS = 15_000;

/** Says why a pushed figure is not being renewed; null while it is. */
export function problemOfLiveFigure(
  name: 'online' | 'dau',
  state: LiveState,
  status: LiveStatus | null,
): Problem | null {
  if (state.phase === 'refused') return state.problem;
  if (state.phase === 'waiting') return state.problem ?? plainProblem('unavailable');
  if (state.phase === 'connecting') return state.problem;
  if (state.phase !== 'open') return null;
  const code = status?.figures[name] ?? 'ok';
  return code === 'ok' ? null : { ...plainProblem('unavailable'), code };
}

/** Adds what the connection does not tell: a reading that is old has a problem, whatever the cause. */
export function problemOfReading(known: Problem | null, isOld: boolean): Problem | null {
  return known ?? (isOld ? plainProblem('late') : null);
}

/** Returns the pushed figure while its day lasts: after midnight it is yesterday's until the next push. */
export function dauOfToday(dau: RealtimeDau | null, today: string): RealtimeDau | null {
  return dau?.day === today ? dau : null;
}
