import { daysAgo } from '../../test/support/events.js';
import { openReplica } from '../../test/support/persistence.js';
import { SystemClock } from '../../src/infrastructure/system/system-clock.js';
import { compare } from '../support/comparison.js';
import type { BenchContext } from '../support/context.js';
import { elapsed } from '../support/elapsed.js';
import { fillActives } from '../support/fill-event-log.js';
import { compareFlushes, FLUSH_EVENTS } from '../support/flush-cost.js';
import { startApplication } from '../support/in-process-application.js';
import { BYTES_PER_MIB, format, print } from '../support/output.js';
import type { Comparison, Measurement } from '../support/results.js';
import { readPeaksMib, resetPeaks } from '../support/service-meter.js';
import { createLog, FEW_DAYS } from './partitions.js';
import { uniteWeeks } from '../support/unite-weeks.js';

/** The day whose build is measured; long over, as the history before it. */
const BUILT_DAY = daysAgo(19);
const BUILD_GOAL_SECONDS = 3;
const MEMORY_GOAL_MIB = 381;

const SIZES_SQL = `
SELECT (SELECT sum(bit_count(bits)) FROM analytics_active_bits WHERE kind = 0)::float8 AS users,
       (SELECT sum(actives) FROM analytics_place_actives)::float8 AS seen,
       (pg_total_relation_size('analytics_active_bits') + pg_total_relation_size('analytics_week_bits'))::float8 AS bits,
       (pg_total_relation_size('analytics_place_actives') + pg_total_relation_size('analytics_week_places'))::float8 AS places,
       (SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('analytics_daily_actives'))::float8 AS sets
`;
const COUNT_DAY_SQL = `
SELECT level, place, count(DISTINCT identity) FROM analytics_daily_actives WHERE day = $1::date GROUP BY level, place
`;

/** Builds the bits of days, and measures their size, the time and memory of a build, and a flush beside them. */
export async function measureBits(
  context: BenchContext,
  days: readonly string[],
): Promise<{ userDays: number; comparisons: Comparison[] }> {
  const { app, rollUp } = await startApplication(context.servers);
  try {
    for (const day of days) {
      const { ms } = await elapsed(() => rollUp(day));
      print(`  built ${day} in ${(ms / 1000).toFixed(1)} s`);
    }
    await uniteWeeks(context.servers.database.serviceUrl);
    const { userDays, comparisons } = await compareSizes(context);
    return {
      userDays,
      comparisons: [
        ...comparisons,
        ...(await compareBuilds(context, rollUp)),
        ...(await compareFlushesBesideBits(context)),
      ],
    };
  } finally {
    await app.close();
  }
}

async function compareSizes(context: BenchContext): Promise<{ userDays: number; comparisons: Comparison[] }> {
  const { rows } =
    await context.servers.owner.query<Record<'users' | 'seen' | 'bits' | 'places' | 'sets', number>>(
      SIZES_SQL,
    );
  const { users, seen, bits, places, sets } = rows[0] ?? { users: 1, seen: 1, bits: 0, places: 0, sets: 1 };
  const compareSize = (id: string, work: string, bytes: number, goal: number): Promise<Comparison> =>
    compare(
      { ...context, scale: { ...context.scale, rounds: 1 } },
      { id, work, limitedBy: 'a user-day of the active set', unit: 'bytes', goal: { valueAtMost: goal } },
      {
        measureLimit: () => Promise.resolve({ value: sets / users }),
        measureService: () => Promise.resolve({ value: bytes }),
      },
    );
  return {
    userDays: users,
    comparisons: [
      await compareSize('actives-bytes', 'Bits of a user-day, with its week, stored', bits / users, 1),
      await compareSize(
        'actives-place-bytes',
        'A user-day of a place, with its week, stored',
        places / seen,
        2,
      ),
    ],
  };
}

/** Builds a day twice before it measures: no identity is new then, as for nearly all on most days. */
async function compareBuilds(
  context: BenchContext,
  rollUp: (day: string) => Promise<unknown>,
): Promise<Comparison[]> {
  const { servers, scale } = context;
  const actives = scale.identities / 5;
  print(`\nFilling a day of ${format(actives)} actives with provinces and cities`);
  await servers.owner.query('SELECT analytics_ensure_partitions($1::date, $1::date)', [BUILT_DAY]);
  await fillActives(servers, { day: BUILT_DAY, first: 1, last: actives });
  await servers.owner.query('VACUUM ANALYZE analytics_daily_actives, analytics_identities');
  const first = await elapsed(() => rollUp(BUILT_DAY));
  print(`  built with its new identities in ${(first.ms / 1000).toFixed(1)} s`);
  const work = `Rollup of a day of ${format(actives)} actives with provinces and cities`;
  const seconds = async (run: () => Promise<unknown>): Promise<Measurement> => ({
    value: (await elapsed(run)).ms / 1000,
  });
  const count = (): Promise<unknown> => servers.owner.query(COUNT_DAY_SQL, [BUILT_DAY]);
  return [
    await compare(
      context,
      {
        id: 'actives-build',
        work,
        limitedBy: 'count(DISTINCT) by place on the day’s active set',
        unit: 's',
        goal: { valueAtMost: BUILD_GOAL_SECONDS },
      },
      { measureLimit: () => seconds(count), measureService: () => seconds(() => rollUp(BUILT_DAY)) },
    ),
    await compare(
      context,
      {
        id: 'actives-build-memory',
        work: `${work}: memory of its process, with the benchmark in it`,
        limitedBy: 'before',
        unit: 'MiB',
        goal: { valueAtMost: MEMORY_GOAL_MIB },
      },
      {
        measureLimit: () => Promise.resolve({ value: process.memoryUsage().rss / BYTES_PER_MIB }),
        measureService: async () => {
          await resetPeaks([process]);
          await rollUp(BUILT_DAY);
          return { value: Math.max(...(await readPeaksMib([process]))) };
        },
      },
    ),
  ];
}

/** Compares a flush into the filled database with one into an empty one. */
async function compareFlushesBesideBits({ servers, scale }: BenchContext): Promise<Comparison[]> {
  const empty = await createLog(servers.database.ownerUrl, FEW_DAYS);
  const filled = {
    database: servers.database,
    replica: openReplica(servers.database.serviceUrl, new SystemClock(), 1),
  };
  try {
    return await compareFlushes(
      scale,
      {
        id: 'actives-flush',
        work: `A flush of ${FLUSH_EVENTS} events beside ${format(scale.identities)} identities and their bits`,
        limitedBy: 'the same in an empty database',
      },
      [empty, filled],
    );
  } finally {
    await Promise.all([filled.replica.close(), empty.replica.close()]);
    await empty.database.drop();
  }
}
