import { daysAgo } from '../../test/support/events.js';
import type { BenchServers } from '../support/bench-servers.js';
import { compare } from '../support/comparison.js';
import type { BenchContext } from '../support/context.js';
import { elapsed } from '../support/elapsed.js';
import { activesOf, fillDay } from '../support/fill-event-log.js';
import { startApplication } from '../support/in-process-application.js';
import { format, print } from '../support/output.js';
import type { Comparison, Growth, GrowthPoint, Measurement, Storage } from '../support/results.js';
import { median } from '../support/statistics.js';

/** The sizes of the rolled-up days, as shares of the largest. */
const DAY_SHARES = [0.1, 0.5, 1];
/** Bits and places of a million actives; see scenarios/actives.ts. */
const SECONDS_A_MILLION_ACTIVES = 3;
const SESSIONS_SQL = `
SELECT count(*) FROM analytics_event_log
WHERE event_name = 'app_session_start'
  AND event_time >= $1::date::timestamp AT TIME ZONE 'Asia/Shanghai'
  AND event_time < ($1::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
`;

/** Compares the service's rollup command with queries on the log itself. */
export async function compareRollups(
  context: BenchContext,
): Promise<{ comparisons: Comparison[]; growth: Growth; storage: Storage }> {
  const { servers, scale } = context;
  const days = DAY_SHARES.map((share, index) => ({
    day: daysAgo(3 + index),
    events: Math.round(share * scale.dayEvents),
  }));
  for (const { day, events } of days) {
    print(`\nFilling ${day} with ${format(events)} events`);
    await fillDay(servers, day, events);
  }
  const large = days.at(-1) ?? { day: daysAgo(3), events: 0 };
  const { app, rollUp, queryLog } = await startApplication(servers);
  try {
    const rollup = (day: string): Promise<Measurement> => measureSeconds(() => rollUp(day));
    // The warm-up compiles code and opens connections.
    const [small = large] = days;
    await countSessions(servers, small.day);
    await queryLog(small.day);
    await rollup(small.day);
    const work = `Rollup of a day of ${format(large.events)} events, with its bits`;
    const goalSeconds = (SECONDS_A_MILLION_ACTIVES * activesOf(large.events)) / 1e6;
    const comparisons = [
      await compare(
        context,
        {
          id: 'rollup',
          work,
          limitedBy: 'count(*) of the day’s sessions in the log',
          unit: 's',
          goal: { valueAtMost: goalSeconds },
        },
        {
          measureLimit: () => countSessions(servers, large.day),
          measureService: () => rollup(large.day),
        },
      ),
      await compare(
        context,
        {
          id: 'rollup-log',
          work: `${work}, beside the log`,
          limitedBy: 'the right query on the log (the audit’s)',
          unit: 's',
          goal: { atMost: 0.5 },
        },
        {
          measureLimit: () => measureSeconds(() => queryLog(large.day)),
          measureService: () => rollup(large.day),
        },
      ),
    ];
    return {
      comparisons,
      growth: await measureGrowth(days, rollup, scale.rounds),
      storage: await measureStorage(context, large),
    };
  } finally {
    await app.close();
  }
}

/** Counts sessions with and without PostgreSQL's JIT and returns the faster; the service runs without it. */
async function countSessions({ owner }: BenchServers, day: string): Promise<Measurement> {
  const count = (): Promise<Measurement> => measureSeconds(() => owner.query(SESSIONS_SQL, [day]));
  const withJit = await count();
  await owner.query('SET jit = off');
  const withoutJit = await count();
  await owner.query('RESET jit');
  return withJit.value < withoutJit.value ? withJit : withoutJit;
}

async function measureGrowth(
  days: readonly { readonly day: string; readonly events: number }[],
  rollup: (day: string) => Promise<Measurement>,
  rounds: number,
): Promise<Growth> {
  const points: GrowthPoint[] = [];
  for (const { day, events } of days) {
    const values: number[] = [];
    for (let round = 0; round < rounds; round++) values.push((await rollup(day)).value);
    points.push({ millions: events / 1e6, value: median(values), rounds: values });
  }
  const [first, last] = [points[0], points.at(-1)];
  const timeRatio = (last?.value ?? 0) / (first?.value ?? 1);
  const eventRatio = (last?.millions ?? 0) / (first?.millions ?? 1);
  print(`  ${format(eventRatio)} times the actives take ${format(timeRatio)} times as long`);
  return {
    what: 'Rollup, by millions of events in the day',
    unit: 's',
    points,
    goal: 'no faster than actives',
    met: timeRatio <= eventRatio,
  };
}

async function measureStorage(
  { servers }: BenchContext,
  { day, events }: { readonly day: string; readonly events: number },
): Promise<Storage> {
  const suffix = `_p${day.replaceAll('-', '')}`;
  const { rows } = await servers.owner.query<{ log: number; actives: number }>(
    'SELECT pg_total_relation_size($1::regclass)::float8 AS log, pg_total_relation_size($2::regclass)::float8 AS actives',
    [`analytics_event_log${suffix}`, `analytics_daily_actives${suffix}`],
  );
  const [sizes = { log: 0, actives: 0 }] = rows;
  return { bytesPerEvent: sizes.log / events, bytesPerActive: sizes.actives / activesOf(events) };
}

async function measureSeconds(work: () => Promise<unknown>): Promise<Measurement> {
  return { value: (await elapsed(work)).ms / 1000 };
}
