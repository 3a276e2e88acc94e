import type { LiveState } from '../api/live.js';
import type { Problem } from '../api/problem.js';
import type { LiveStatus } from '../api/types.js';

/** Says why a pushed figure is not being renewed; null while it is. */
export function problemOfLiveFigure(
  name: 'online' | 'dau',
  state: LiveState,
  status: LiveStatus | null,
): Problem | null {
  if (state.phase === 'refused') return state.problem;
  if (state.phase === 'waiting') return state.problem ?? unavailable(null);
  if (state.phase !== 'open') return null;
  const code = status?.figures[name] ?? 'ok';
  return code === 'ok' ? null : unavailable(code);
}

function unavailable(code: string | null): Problem {
  return { kind: 'unavailable', status: null, code, detail: null, retryAfterMs: null };
}
