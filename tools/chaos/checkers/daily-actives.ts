import { shanghaiDay } from '../../simulation/bookkeeping/shanghai-day.js';
import { SESSION_START } from '../../simulation/planning/device-plan.js';
import { identityOf } from '../../simulation/planning/identity.js';
import type { Check } from '../../simulation/verification/check.js';
import type { DayFigures, History, StoredEvent } from '../history/history.js';
import { checkOf } from './findings.js';

/** The figures of each day equal a count over the stored events, and the live figure lies within its error. */
export function checkDailyActives({ final }: History): Check[] {
  const model = countActives(final.stored);
  const findings: string[] = [];
  const figures = new Map(final.days.map((day) => [day.day, day]));
  for (const day of new Set([...model.keys(), ...figures.keys()])) {
    findings.push(...compareDay(day, model.get(day) ?? new Map<string, Set<string>>(), figures.get(day)));
  }
  const days = `${String(model.size)} days`;
  return [
    checkOf('DAU equals the model', findings, days),
    checkOf('live DAU lies within its error', liveFindings(model, final.live), final.live.day),
  ];
}

type Actives = ReadonlyMap<string, ReadonlySet<string>>;

/** Counts identities by day and, within it, in all, by province and by city. */
function countActives(stored: readonly StoredEvent[]): Map<string, Map<string, Set<string>>> {
  const days = new Map<string, Map<string, Set<string>>>();
  for (const { eventName, eventMs, userId, installId, properties } of stored) {
    if (eventName !== SESSION_START) continue;
    const day = shanghaiDay(eventMs);
    const actives = days.get(day) ?? new Map<string, Set<string>>();
    days.set(day, actives);
    const { province, city } = (properties ?? {}) as Partial<Record<'province' | 'city', string>>;
    const places = [ALL, province && `province ${province}`, city && `city ${city}`];
    for (const place of places) {
      if (place === undefined || place === '') continue;
      const identities = actives.get(place) ?? new Set<string>();
      actives.set(place, identities.add(identityOf(userId ?? undefined, installId)));
    }
  }
  return days;
}

const ALL = 'in all';

function compareDay(day: string, model: Actives, figures: DayFigures | undefined): string[] {
  const counted = new Map<string, number>([
    [ALL, figures?.dauCount ?? 0],
    ...Object.entries(figures?.byProvince ?? {}).map(([name, count]) => [`province ${name}`, count] as const),
    ...Object.entries(figures?.byCity ?? {}).map(([name, count]) => [`city ${name}`, count] as const),
  ]);
  return [...new Set([...model.keys(), ...counted.keys()])].flatMap((place) => {
    const [expected, count] = [model.get(place)?.size ?? 0, counted.get(place) ?? 0];
    return expected === count ? [] : [`${day} ${place}: ${String(count)} instead of ${String(expected)}`];
  });
}

function liveFindings(
  model: ReadonlyMap<string, Actives>,
  { day, dauCount, standardError }: History['final']['live'],
): string[] {
  const expected = model.get(day)?.get(ALL)?.size ?? 0;
  // Four standard errors; a small set is exact but for a collision.
  const tolerated = Math.max(2, 4 * standardError * expected);
  if (Math.abs(dauCount - expected) <= tolerated) return [];
  return [`${day}: ${String(dauCount)} instead of ${String(expected)} ± ${tolerated.toFixed(0)}`];
}
