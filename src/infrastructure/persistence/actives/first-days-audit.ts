import type { FirstDaysComparison } from '../../../domain/repositories/active-bits.repository.interface.js';
import { EventName } from '../../../domain/value-objects/event-name.vo.js';
import { dayRange, DEFAULT_TIMEZONE, type DateKey } from '../../../shared/utils/timezone.util.js';
import { toArrayLiteral } from '../mappers/array-literal.js';
import type { PrismaService } from '../prisma/prisma.service.js';
import { finalSince } from './final-since.js';
import { IDENTITY_BUCKETS } from './identity-buckets.js';

/** The marks stand apart, because on a cluster they are on other nodes. */
const STATES_SQL = `
WITH marked AS MATERIALIZED (SELECT DISTINCT day FROM analytics_dau_pending WHERE day <= $1::date)
SELECT to_char(built.day, 'YYYY-MM-DD') AS day, built_at::text AS "builtAt",
       to_regclass('analytics_event_log_p' || to_char(built.day, 'YYYYMMDD')) IS NOT NULL AND NOT EXISTS (
         SELECT FROM analytics_dropped_days dropped WHERE dropped.day = built.day AND events_dropped_at IS NOT NULL
       ) AS "hasLog",
       built_at >= ${finalSince('built.day')}
         AND NOT EXISTS (SELECT FROM marked WHERE marked.day = built.day) AS "isSettled"
FROM analytics_active_days built WHERE built.day <= $1::date ORDER BY built.day
`;

/**
 * Counts the identities of a bucket by both of their first days where these differ and one is of the span. Nameless
 * identities have no events any more (docs/adr/0024).
 */
const FIRST_DAYS_SQL = `
WITH sessions AS MATERIALIZED (
  SELECT identity, min(day) AS day FROM (
    SELECT CASE WHEN user_id IS NULL THEN 'i:' || install_id ELSE 'u:' || user_id::text END AS identity,
           (event_time AT TIME ZONE '${DEFAULT_TIMEZONE}')::date AS day
    FROM analytics_event_log WHERE event_name = $1 AND event_time < $2::timestamptz
  ) started
  WHERE day = ANY ($5::date[]) AND analytics_identity_bucket(identity) = $6::smallint GROUP BY identity
), known AS (
  SELECT identity, first_day FROM analytics_identities WHERE bucket = $6::smallint AND identity NOT LIKE 'e:%'
)
SELECT to_char(sessions.day, 'YYYY-MM-DD') AS "logDay", to_char(first_day, 'YYYY-MM-DD') AS "firstDay", count(*)::int AS n
FROM known LEFT JOIN sessions USING (identity)
WHERE first_day IS DISTINCT FROM sessions.day
  AND (first_day BETWEEN $3::date AND $4::date OR sessions.day BETWEEN $3::date AND $4::date)
GROUP BY sessions.day, first_day
`;

interface DayState {
  readonly day: DateKey;
  readonly builtAt: string;
  readonly hasLog: boolean;
  readonly isSettled: boolean;
}

interface DifferenceRow {
  /** Null for identities that the log of the settled days does not have. */
  readonly logDay: DateKey | null;
  readonly firstDay: DateKey;
  readonly n: number;
}

/** Statements that count identities by both of their first days, where these differ. */
interface FirstDaysSteps {
  readonly sql: string;
  /** Last parameters of each step. */
  readonly steps: readonly (readonly string[])[];
}

/** A step has the memory and the time limit of one statement, and reads the log once. */
const ONE_SERVER: FirstDaysSteps = {
  sql: FIRST_DAYS_SQL,
  steps: IDENTITY_BUCKETS.map((bucket) => [String(bucket)]),
};

/** Compares the first days of the dictionary with those of the log, up to the end of the span. */
export async function compareFirstDays(
  prisma: PrismaService,
  first: DateKey,
  last: DateKey,
  {
    onStep,
    statements: { sql: STEP_SQL, steps } = ONE_SERVER,
  }: {
    readonly onStep?: ((done: number, of: number) => void) | undefined;
    readonly statements?: FirstDaysSteps;
  } = {},
): Promise<FirstDaysComparison> {
  const readStates = () => prisma.longStatementForJob<DayState>(STATES_SQL, last);
  const before = await readStates();
  const parameters = [
    EventName.APP_SESSION_START.value,
    dayRange(last).end.toISOString(),
    first,
    last,
    toArrayLiteral(before.filter(({ isSettled }) => isSettled).map(({ day }) => day)),
  ];
  const rows: DifferenceRow[] = [];
  for (const [index, step] of steps.entries()) {
    rows.push(...(await prisma.longStatementForJob<DifferenceRow>(STEP_SQL, ...parameters, ...step)));
    onStep?.(index + 1, steps.length);
  }
  const days = new DayStates(before, await readStates());
  const wrong = rows.filter((row) => days.prove(row));
  return {
    differences: countByDay(wrong, first, last),
    withoutLog: days.withoutLog,
    unsettled: days.unsettled,
  };
}

/** Keeps what is known of the days before and after the log was read: a day that changed meanwhile proves nothing. */
class DayStates {
  readonly withoutLog: DateKey[];
  readonly unsettled: DateKey[];
  private readonly settled: ReadonlySet<DateKey>;
  private readonly complete: ReadonlySet<DateKey>;

  constructor(before: readonly DayState[], after: readonly DayState[]) {
    const earlier = new Map(before.map((state) => [state.day, state]));
    const isStable = ({ day, builtAt, isSettled }: DayState): boolean =>
      isSettled && earlier.get(day)?.isSettled === true && earlier.get(day)?.builtAt === builtAt;
    const hasLog = ({ day, hasLog: hasLogNow }: DayState): boolean =>
      hasLogNow && earlier.get(day)?.hasLog === true;
    const daysOf = (keep: (state: DayState) => boolean): DateKey[] =>
      after.filter(keep).map(({ day }) => day);
    this.withoutLog = daysOf((state) => !hasLog(state));
    this.unsettled = daysOf((state) => !isStable(state));
    this.settled = new Set(daysOf(isStable));
    this.complete = new Set(daysOf((state) => isStable(state) && hasLog(state)));
  }

  /** Tells whether a difference is one. An identity may owe its first day to events that were dropped. */
  prove({ logDay, firstDay }: DifferenceRow): boolean {
    return logDay !== null && logDay < firstDay ? this.settled.has(logDay) : this.complete.has(firstDay);
  }
}

function countByDay(
  rows: readonly DifferenceRow[],
  first: DateKey,
  last: DateKey,
): FirstDaysComparison['differences'] {
  const counts = new Map<DateKey, { missing: number; surplus: number }>();
  const add = (day: DateKey | null, missing: number, surplus: number): void => {
    if (day === null || day < first || day > last) return;
    const known = counts.get(day) ?? { missing: 0, surplus: 0 };
    counts.set(day, { missing: known.missing + missing, surplus: known.surplus + surplus });
  };
  for (const { logDay, firstDay, n } of rows) {
    add(logDay, n, 0);
    add(firstDay, 0, n);
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([day, count]) => ({ day, ...count }));
}
