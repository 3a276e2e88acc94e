/** Names what an audit found to differ; each of its sentences begins with one of these. */
export const DRIFT_KINDS = [
  'active set',
  'stored stats',
  'live DAU',
  'bits',
  'places',
  'weeks',
  'new users',
] as const;
export type DriftKind = (typeof DRIFT_KINDS)[number];

/** Returns the days of each kind of drift, in the order of the kinds; a kind without any is absent. */
export function daysByDriftKind(
  audits: readonly { readonly day: string; readonly drift: readonly string[] }[],
): ReadonlyMap<DriftKind, readonly string[]> {
  const found = DRIFT_KINDS.map((kind) => {
    const drifting = audits.filter(({ drift }) => drift.some((sentence) => sentence.startsWith(kind)));
    return [kind, drifting.map(({ day }) => day)] as const;
  });
  return new Map(found.filter(([, days]) => days.length > 0));
}
