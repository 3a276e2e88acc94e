import { UsageError } from '../../../src/cli/support/usage-error.js';
import { ALL_KINDS, rulesOf, type FaultKind } from './fault-kinds.js';

/**
 * Reads `--only`: kinds such as `redis.freeze`, or groups such as `redis` and `link`, separated by commas.
 *
 * @throws UsageError for a name that fits no kind
 */
export function readKinds(text: string): FaultKind[] {
  const names = text.split(',').map((name) => name.trim());
  const chosen = new Set<FaultKind>();
  for (const name of names) {
    const fitting = ALL_KINDS.filter((kind) => fits(kind, name));
    if (fitting.length === 0) throw new UsageError(`--only names no kind of fault: "${name}"`);
    for (const kind of fitting) chosen.add(kind);
  }
  return [...chosen];
}

function fits(kind: FaultKind, name: string): boolean {
  return (
    kind === name ||
    rulesOf(kind).target === name ||
    kind.startsWith(`${name}.`) ||
    (name === 'link' && kind.includes('-link.'))
  );
}
