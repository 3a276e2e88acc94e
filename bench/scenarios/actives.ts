import type { Client } from 'pg';

import {
  COUNT_FLOWS,
  COUNT_RETENTION,
  COUNT_ROLLING,
} from '../../src/infrastructure/persistence/actives/span-statements.js';
import type { DaySpan } from '../../src/domain/value-objects/active-span.vo.js';
import type { IActiveSpansRepository } from '../../src/domain/repositories/active-spans.repository.interface.js';
import { addDaysToKey } from '../../src/shared/utils/timezone.util.js';
import { daysAgo } from '../../test/support/events.js';
import { signToken } from '../../test/support/http.js';
import { openReplica } from '../../test/support/persistence.js';
import { askUntilAnswered } from '../support/ask-until-answered.js';
import { compare } from '../support/comparison.js';
import { measureBits } from './actives-costs.js';
import type { BenchContext } from '../support/context.js';
import { elapsed } from '../support/elapsed.js';
import { copyToEarlierDays, fillActiveSets, fillRandomBits } from '../support/fill-actives.js';
import { format, print } from '../support/output.js';
import type { Comparison, Growth, GrowthPoint, Measurement } from '../support/results.js';
import { median } from '../support/statistics.js';
import { uniteWeeks } from '../support/unite-weeks.js';
import { windowAcrossWeeks, windowOfWholeWeeks } from '../support/windows.js';
import { compareYears } from './actives-year.js';

const DAYS = 34;
/**
 * The last day of the history, long over, so that the service calculates none of its days meanwhile. It is a Monday on
 * whatever day the bench runs: 28 days are three weeks and seven days, as they are on six days of seven.
 */
const WINDOW = windowAcrossWeeks(daysAgo(20));
const WHOLE_WEEKS = windowOfWholeWeeks(WINDOW);
const LARGE_WINDOW = windowAcrossWeeks(daysAgo(1000));
const LAST = WINDOW.last;
const [FIRST, FIRST_OF_MONTH, DAY_BEFORE] = [DAYS - 1, 29, 1].map((days) => addDaysToKey(LAST, -days)) as [
  string,
  string,
  string,
];
/** A year of rolling 30 needs a history of 394 days. */
const COPIES = 11;
const REPEATS = 9;
const AFTER = '1,2,3,7,14,30';
const WINDOW_GOAL_MS = 30;
const LARGE_WINDOW_GOAL_MS = 400;

const DISTINCT_SQL = `
SELECT count(DISTINCT identity) FROM analytics_daily_actives WHERE level = 0 AND day BETWEEN $1::date AND $2::date
`;
const RETAINED_SQL = `
SELECT count(DISTINCT a.identity) FROM analytics_daily_actives a JOIN analytics_daily_actives b USING (identity, level)
WHERE a.level = 0 AND a.day = $1::date AND b.day = $2::date
`;
/** The least that a window takes, as one plain statement. */
const UNITED_SQL = `
SELECT sum(n)::int FROM (
  SELECT bit_count(bit_or(bits)) AS n FROM analytics_active_bits
  WHERE kind = 0 AND day BETWEEN $1::date AND $2::date GROUP BY bucket, chunk
) united
`;
const PLACES_SQL = `
SELECT place, count(DISTINCT identity) FROM analytics_daily_actives WHERE level = 1 AND day BETWEEN $1::date AND $2::date
GROUP BY place
`;

/** Answers a figure: the database itself, or the service's repository. */
interface Asked {
  readonly owner: Client;
  readonly spans: IActiveSpansRepository;
}

interface Figure {
  readonly id: string;
  readonly work: string;
  readonly limitedBy: string;
  readonly goalMs: number;
  readonly path: string;
  readonly limit: readonly [sql: string, first: string, last: string];
  /** Does what the route does, without HTTP: its statement, or the repository's work where PostgreSQL does a part. */
  readonly ask: (context: Asked) => Promise<unknown>;
  /** Counts as many days that are whole weeks, where that reads less. */
  readonly askWholeWeeks?: (context: Asked) => Promise<unknown>;
}

const FIGURES: readonly Figure[] = [
  {
    id: 'actives-window',
    work: 'Active users of 28 days, three weeks and seven days',
    limitedBy: 'count(DISTINCT) on the active set',
    goalMs: 30,
    path: `active-users?startDate=${WINDOW.first}&endDate=${LAST}&interval=span`,
    limit: [DISTINCT_SQL, WINDOW.first, LAST],
    ask: ({ spans }) => spans.countSpans([WINDOW], null),
    askWholeWeeks: ({ spans }) => spans.countSpans([WHOLE_WEEKS], null),
  },
  {
    id: 'actives-lifecycle',
    work: 'Lifecycle of a day',
    limitedBy: 'count(DISTINCT) of two days, joined',
    goalMs: 30,
    path: `lifecycle?startDate=${LAST}&endDate=${LAST}`,
    limit: [RETAINED_SQL, DAY_BEFORE, LAST],
    ask: ({ owner }) => owner.query(COUNT_FLOWS.whole, [DAY_BEFORE, LAST]),
  },
  {
    id: 'actives-cohort',
    work: `Retention of a day, after ${AFTER}`,
    limitedBy: 'count(DISTINCT) of two days, joined',
    goalMs: 30,
    path: `retention?startDate=${FIRST}&endDate=${FIRST}&cohort=active&after=${AFTER}`,
    limit: [RETAINED_SQL, FIRST, DAY_BEFORE],
    ask: ({ owner }) =>
      owner.query(COUNT_RETENTION.whole, [FIRST, FIRST, 0, AFTER.split(',').map(Number), LAST]),
  },
  {
    id: 'actives-rolling',
    work: 'Rolling 30 days of a month',
    limitedBy: 'count(DISTINCT) on the active set, one of 30 windows',
    goalMs: 300,
    path: `rolling-active-users?startDate=${FIRST_OF_MONTH}&endDate=${LAST}`,
    limit: [DISTINCT_SQL, FIRST_OF_MONTH, LAST],
    ask: ({ owner }) => owner.query(COUNT_ROLLING.whole, [FIRST_OF_MONTH, LAST, 30]),
  },
  {
    id: 'actives-places',
    work: '34 provinces over 28 days, three weeks and seven days',
    limitedBy: 'count(DISTINCT) by place on the active set',
    goalMs: 300,
    path: `active-users?startDate=${WINDOW.first}&endDate=${LAST}&interval=span&breakdown=province`,
    limit: [PLACES_SQL, WINDOW.first, LAST],
    ask: ({ spans }) => spans.countPlaces(WINDOW, 'province'),
    askWholeWeeks: ({ spans }) => spans.countPlaces(WHOLE_WEEKS, 'province'),
  },
];

/** Compares figures over spans with distinct counts on the active set, and measures what the bits cost. */
export async function compareActives(
  context: BenchContext,
): Promise<{ comparisons: Comparison[]; growth: Growth }> {
  const { servers, scale } = context;
  const { owner, database } = servers;
  const days = Array.from({ length: DAYS }, (_, n) => addDaysToKey(FIRST, n));
  print(`\nFilling ${DAYS} days of ${format(scale.identities)} identities`);
  await fillActiveSets(owner, days, scale.identities, (day) => {
    print(`  ${day}`);
  });
  const costs = await measureBits(context, days);
  await copyToEarlierDays(owner, { first: FIRST, days: DAYS, copies: COPIES });
  await uniteWeeks(database.serviceUrl);
  const replica = openReplica(database.serviceUrl);
  try {
    const comparisons: Comparison[] = [];
    for (const figure of FIGURES)
      comparisons.push(...(await compareFigure(context, figure, { owner, spans: replica.spans })));
    comparisons.push(...(await compareYears(context, LAST)));
    const growth = await measureWindows(context, { owner, spans: replica.spans }, costs.userDays);
    return { comparisons: [...comparisons, ...costs.comparisons], growth };
  } finally {
    await replica.close();
  }
}

/** Compares a figure with a distinct count on the active set, and the same over HTTP with the figure alone. */
async function compareFigure(context: BenchContext, figure: Figure, asked: Asked): Promise<Comparison[]> {
  const { id, work, limitedBy, goalMs, path, limit, ask, askWholeWeeks } = figure;
  const url = `${context.serviceUrl}/analytics/${path}`;
  const headers = { authorization: `Bearer ${signToken({ sub: '1' })}` };
  const askRoute = async (): Promise<void> => {
    const response = await fetch(url, { headers });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`GET ${url}: ${response.status} ${text.slice(0, 300)}`);
  };
  const measureAlone = (): Promise<Measurement> => measureRepeated(() => ask(asked));
  return [
    await compare(
      context,
      { id, work: `${work}, in the database`, limitedBy, unit: 'ms', goal: { valueAtMost: goalMs } },
      {
        measureLimit: async () => ({
          value: (await elapsed(() => asked.owner.query(limit[0], limit.slice(1)))).ms,
        }),
        measureService: measureAlone,
      },
    ),
    await compare(
      context,
      {
        id: `${id}-http`,
        work: `${work}, over HTTP`,
        limitedBy: 'the same in the database',
        unit: 'ms',
        // Twice the goal in the database: the smallest figures take less than any request does.
        goal: { valueAtMost: 2 * goalMs },
      },
      {
        measureLimit: measureAlone,
        measureService: async () => {
          // The first request after minutes without any may find its memory reclaimed, and is not measured.
          await askUntilAnswered(url);
          return measureRepeated(askRoute);
        },
      },
    ),
    ...(askWholeWeeks === undefined
      ? []
      : [
          await compare(
            context,
            {
              id: `${id}-whole-weeks`,
              work: `${work.replace('three weeks and seven days', 'four whole weeks')}, in the database`,
              limitedBy: 'three weeks and seven days',
              unit: 'ms',
              goal: { valueAtMost: goalMs },
            },
            {
              measureLimit: measureAlone,
              measureService: () => measureRepeated(() => askWholeWeeks(asked)),
            },
          ),
        ]),
  ];
}

/** Measures one window over the history, and one over a history of a billion user-days, each beside a plain union. */
async function measureWindows(
  { scale, servers: { database } }: BenchContext,
  { owner, spans }: Asked,
  userDays: number,
): Promise<Growth> {
  const measure = async ({ first, last }: DaySpan, millions: number): Promise<GrowthPoint> => {
    const limit = (await measureRepeated(() => owner.query(UNITED_SQL, [first, last]))).value;
    const { value } = await measureRepeated(() => spans.countSpans([{ first, last }], null));
    print(
      `  28 days of ${format(millions)} M user-days: ${format(value)} ms, united alone ${format(limit)} ms`,
    );
    return { millions, value, limit: [limit], ratio: value / limit };
  };
  const small = await measure(WINDOW, userDays / 1e6);
  print(`\nFilling random bits of ${format(20 * scale.identities)} identities`);
  const history = { last: LARGE_WINDOW.last, days: DAYS };
  const largeUserDays = await fillRandomBits(owner, history, 20 * scale.identities);
  // The service takes parallel workers where the counters say that there are many identities.
  await owner.query('UPDATE analytics_identity_counters SET next_id = greatest(next_id, $1::int)', [
    Math.ceil((20 * scale.identities) / 16),
  ]);
  await uniteWeeks(database.serviceUrl);
  const large = await measure(LARGE_WINDOW, largeUserDays / 1e6);
  return {
    what: 'Active users of 28 days, three weeks and seven days, in the database, by millions of user-days',
    unit: 'ms',
    points: [small, large],
    goal: `at most ${WINDOW_GOAL_MS} and ${LARGE_WINDOW_GOAL_MS} ms`,
    met: small.value <= WINDOW_GOAL_MS && large.value <= LARGE_WINDOW_GOAL_MS,
  };
}

async function measureRepeated(work: () => Promise<unknown>): Promise<Measurement> {
  await work();
  const times: number[] = [];
  for (let i = 0; i < REPEATS; i++) times.push((await elapsed(work)).ms);
  return { value: median(times) };
}
