import { shanghaiDay, type WireEvent } from '../../support/events.js';

export interface ExpectedDay {
  readonly day: string;
  readonly dauCount: number;
  readonly byProvince: Readonly<Record<string, number>>;
  readonly byCity: Readonly<Record<string, number>>;
}

type Places = Map<string, Set<string>>;

interface Actives {
  readonly all: Set<string>;
  readonly province: Places;
  readonly city: Places;
}

/** Computes the DAU of events with plain sets, in ascending order of days; days without actives are absent. */
export function expectedDau(events: readonly WireEvent[]): ExpectedDay[] {
  const days = new Map<string, Actives>();
  for (const { eventName, clientTs, userId, installId, properties } of events) {
    if (eventName !== 'app_session_start') continue;
    const day = shanghaiDay(Math.round(clientTs * 1000));
    const actives: Actives = days.get(day) ?? { all: new Set(), province: new Map(), city: new Map() };
    days.set(day, actives);
    const identity = userId === undefined ? `install ${installId}` : `user ${userId}`;
    actives.all.add(identity);
    for (const level of ['province', 'city'] as const) {
      const place = properties?.[level];
      if (typeof place !== 'string' || place === '') continue;
      const seen = actives[level].get(place) ?? new Set<string>();
      actives[level].set(place, seen.add(identity));
    }
  }
  return [...days]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([day, { all, province, city }]) => ({
      day,
      dauCount: all.size,
      byProvince: sizes(province),
      byCity: sizes(city),
    }));
}

function sizes(places: Places): Record<string, number> {
  return Object.fromEntries([...places].map(([place, identities]) => [place, identities.size]));
}

/** Leaves out of an answer what tells when its days were counted, which events alone do not decide. */
export function countsOf(body: unknown): unknown {
  const { data, ...rest } = body as { readonly data: readonly ExpectedDay[] };
  const days = data.map(({ day, dauCount, byProvince, byCity }) => ({ day, dauCount, byProvince, byCity }));
  return { ...rest, data: days };
}
