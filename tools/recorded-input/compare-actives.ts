import { compareFigures } from './compare-days.js';

interface ExpectedCell {
  readonly after: number;
  readonly cohort: number;
  readonly retained: number;
}

interface ExpectedDay {
  readonly day: string;
  readonly dauCount: number;
  readonly newCount: number;
  readonly returningCount: number;
  readonly resurrectedCount: number;
  readonly dormantCount: number;
  /** Active users of the windows that end on the day, by their length. */
  readonly rolling: Readonly<Record<string, number>>;
  readonly retention: Readonly<Record<'new' | 'active', readonly ExpectedCell[]>>;
}

/** Figures over spans of days, computed from the events apart from the service. */
export interface ExpectedActives {
  readonly days: readonly ExpectedDay[];
  readonly spans: readonly {
    readonly startDate: string;
    readonly endDate: string;
    readonly activeCount: number;
    readonly byProvince: Readonly<Record<string, number>>;
  }[];
  /** Active users of each week; the key is its first day. */
  readonly weeks: Readonly<Record<string, number>>;
  /** Active users of each month; the key is such as `2018-11`. */
  readonly months: Readonly<Record<string, number>>;
}

type Row = Readonly<Record<string, unknown>>;
/** Answers the rows of a route. */
export type QueryRows = (path: string) => Promise<readonly Row[]>;

/** Asks each route for the figures of the file. @throws CheckFailedError */
export async function compareActives(query: QueryRows, expected: ExpectedActives): Promise<void> {
  const range = `startDate=${expected.days[0]?.day ?? ''}&endDate=${expected.days.at(-1)?.day ?? ''}`;
  await compareLifecycle(query, range, expected.days);
  for (const window of Object.keys(expected.days[0]?.rolling ?? {})) {
    const rows = await query(`/analytics/rolling-active-users?${range}&window=${window}`);
    compareFigures(
      byDay(rows, ({ activeCount }) => activeCount),
      Object.fromEntries(expected.days.map(({ day, rolling }) => [day, rolling[window]])),
      `rolling ${window}`,
    );
  }
  for (const cohort of ['new', 'active'] as const)
    await compareRetention(query, range, cohort, expected.days);
  for (const { startDate, endDate, ...figures } of expected.spans) {
    const span = `startDate=${startDate}&endDate=${endDate}&interval=span`;
    const [row = {}] = await query(`/analytics/active-users?${span}&breakdown=province`);
    const { activeCount, byProvince } = row;
    compareFigures({ activeCount, byProvince }, figures, `span ${startDate} to ${endDate}`);
    for (const [province, count] of Object.entries(figures.byProvince)) {
      const [filtered = {}] = await query(
        `/analytics/active-users?${span}&province=${encodeURIComponent(province)}`,
      );
      compareFigures(filtered['activeCount'], count, `${province} in ${startDate} to ${endDate}`);
    }
  }
  const intervals = { week: expected.weeks, month: expected.months };
  for (const [interval, counts] of Object.entries(intervals)) {
    const rows = await query(`/analytics/active-users?${range}&interval=${interval}`);
    const length = interval === 'week' ? 10 : 7;
    const actual = Object.fromEntries(
      rows.map(({ startDate, activeCount }) => [String(startDate).slice(0, length), activeCount]),
    );
    compareFigures(actual, counts, `${interval}s`);
  }
}

async function compareLifecycle(
  query: QueryRows,
  range: string,
  days: readonly ExpectedDay[],
): Promise<void> {
  const rows = await query(`/analytics/lifecycle?${range}`);
  compareFigures(
    rows.map(({ isFinal: _, ...figures }) => figures),
    days.map(({ day, dauCount, newCount, returningCount, resurrectedCount, dormantCount }) => ({
      ...{ day, dauCount, newCount, returningCount, resurrectedCount, dormantCount },
    })),
    'lifecycle',
  );
}

/** The file knows the days up to its end only; the service knows the days after it as well. */
async function compareRetention(
  query: QueryRows,
  range: string,
  cohort: 'new' | 'active',
  days: readonly ExpectedDay[],
): Promise<void> {
  const after = [...new Set(days.flatMap(({ retention }) => retention[cohort].map((cell) => cell.after)))];
  const rows = await query(`/analytics/retention?${range}&cohort=${cohort}&after=${after.join()}`);
  const answered = new Map(rows.map((row) => [row['day'], row]));
  for (const { day, retention } of days) {
    const row = answered.get(day) ?? {};
    const cells = (row['retained'] ?? []) as readonly { after: number; count: number }[];
    const counts = new Map(cells.map((cell) => [cell.after, cell.count]));
    compareFigures(
      retention[cohort].map((cell) => [cell.after, row['cohortSize'], counts.get(cell.after)]),
      retention[cohort].map((cell) => [cell.after, cell.cohort, cell.retained]),
      `retention of ${cohort} on ${day}`,
    );
  }
}

function byDay(rows: readonly Row[], figure: (row: Row) => unknown): Record<string, unknown> {
  return Object.fromEntries(rows.map((row) => [String(row['day']), figure(row)]));
}
