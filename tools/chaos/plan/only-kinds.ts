import { UsageError } from '../../../src/cli/support/usage-error.js';
import { ALL_KINDS, kindsOn, rulesOf, type FaultKind } from './fault-kinds.js';
import { describeStores, type Store } from './stores.js';

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

/**
 * Returns those kinds that these variants of the stores can have.
 *
 * @param missing the reasons why this machine lacks wanted variants
 * @throws UsageError when no kind is left: a run without faults would prove nothing
 */
export function requireKinds(
  stores: readonly Store[],
  kinds: readonly FaultKind[],
  missing: readonly string[] = [],
): FaultKind[] {
  const possible = kindsOn(stores, kinds);
  if (possible.length > 0) return possible;
  const lacking = missing.length === 0 ? '' : ` (${missing.join('; ')})`;
  throw new UsageError(
    `No kind of --only can happen on --stores ${describeStores(stores)}${lacking}: ${kinds.map(adviceOn).join('; ')}`,
  );
}

function adviceOn(kind: FaultKind): string {
  const { needs, not } = rulesOf(kind);
  return needs === undefined
    ? `${kind} needs stores without ${String(not)}`
    : `${kind} needs --stores ${needs}`;
}

function fits(kind: FaultKind, name: string): boolean {
  return (
    kind === name ||
    rulesOf(kind).target === name ||
    kind.startsWith(`${name}.`) ||
    (name === 'link' && kind.includes('-link.'))
  );
}
