import type { ActiveCount } from '../../domain/value-objects/active-count.vo.js';

/** A count of a day's active users and the name of where it was made. */
export interface CountSource {
  readonly name: string;
  readonly count: ActiveCount;
}

/** @returns one sentence when the totals differ, which begins with the speaker, such as `bits say` */
export function describeTotal(speaker: string, count: ActiveCount, reference: CountSource): string[] {
  return count.total === reference.count.total
    ? []
    : [`${speaker} ${count.total} in all, the ${reference.name} ${reference.count.total}`];
}

/** @returns one sentence for each place that differs */
export function describePlaces(
  speaker: string,
  count: ActiveCount,
  reference: CountSource,
  isRight = (ours: number, theirs: number): boolean => ours === theirs,
): string[] {
  const differences: string[] = [];
  for (const [level, ours, theirs] of [
    ['province', count.byProvince, reference.count.byProvince],
    ['city', count.byCity, reference.count.byCity],
  ] as const) {
    for (const place of new Set([...ours.keys(), ...theirs.keys()])) {
      const [a, b] = [ours.get(place) ?? 0, theirs.get(place) ?? 0];
      if (!isRight(a, b))
        differences.push(`${speaker} ${a} in ${level} ${JSON.stringify(place)}, the ${reference.name} ${b}`);
    }
  }
  return differences;
}
