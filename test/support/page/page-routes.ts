import { daysAgo, shanghaiDay, startOfShanghaiDay } from '../events.js';

const MINUTE_MS = 60_000;
const MINUTES_A_DAY = 1440;
const DAY_MS = MINUTES_A_DAY * MINUTE_MS;

/** Answer of a figure, as far as a check that there is something to see reads it. */
interface Answer {
  readonly count?: number;
  readonly data?: readonly Readonly<Record<string, unknown>>[];
}

export interface PageRoute {
  readonly path: string;
  /** Returns the numbers that the page shows of the days and minutes that are over. */
  readonly shown: (answer: Answer) => readonly number[];
  /** Length of `shown` at least. */
  readonly least: number;
}

const column =
  (name: string) =>
  ({ data = [] }: Answer): number[] =>
    data.map((row) => Number(row[name]));

/** Leaves out the last days, which have only begun. */
const over =
  (name: string, open = 1) =>
  (answer: Answer): number[] =>
    column(name)(answer).slice(0, -open);

/** Counts the places of the whole span. */
const places =
  (name: string) =>
  ({ data = [] }: Answer): number[] =>
    data.map((row) => Object.keys(row[name] ?? {}).length);

const retained = ({ data = [] }: Answer): number[] =>
  data.slice(0, -2).map((row) => (row['retained'] as readonly { readonly count: number }[])[0]?.count ?? 0);

/** Returns the requests of the page over the last days, today included. */
export function pageRoutes(days: number): Readonly<Record<string, PageRoute>> {
  const range = `startDate=${daysAgo(days - 1)}&endDate=${shanghaiDay()}`;
  const daily = (path: string, name: string): PageRoute => ({
    path: `${path}?${range}`,
    shown: over(name),
    least: days - 1,
  });
  const minutesOf = (age: number): PageRoute => {
    const start = startOfShanghaiDay(daysAgo(age));
    const [from, to] = [start, start + DAY_MS].map((instant) => new Date(instant).toISOString());
    return {
      path: `/presence/online-history?startTime=${from}&endTime=${to}&interval=1m`,
      shown: column('onlineCount'),
      // The service counts the minutes that pass while the history is stored, but for those of its start.
      least: Math.min(MINUTES_A_DAY, Math.floor((Date.now() - start) / MINUTE_MS) - 5),
    };
  };
  const rolling = (window: number): PageRoute => ({
    path: `/analytics/rolling-active-users?${range}&window=${window}`,
    shown: column('activeCount'),
    least: days,
  });
  const span = (breakdown: string, name: string): PageRoute => ({
    path: `/analytics/active-users?${range}&interval=span&breakdown=${breakdown}`,
    shown: places(name),
    least: 1,
  });
  const retention = (cohort: string): PageRoute => ({
    path: `/analytics/retention?${range}&cohort=${cohort}&after=1,7`,
    shown: retained,
    least: days - 2,
  });
  return {
    'users online': { path: '/presence/online-count', shown: ({ count = 0 }) => [count], least: 1 },
    'daily active users': daily('/analytics/dau', 'dauCount'),
    'active users of 7 days': rolling(7),
    'active users of 30 days': rolling(30),
    'new and returning users': daily('/analytics/lifecycle', 'dauCount'),
    'retention of new users': retention('new'),
    'retention of active users': retention('active'),
    provinces: span('province', 'byProvince'),
    cities: span('city', 'byCity'),
    'minutes of today': minutesOf(0),
    'minutes of yesterday': minutesOf(1),
    'minutes of last week': minutesOf(7),
    'peaks of the days': daily('/presence/daily', 'average'),
  };
}
