import { SystemClock } from '../../src/infrastructure/system/system-clock.js';
import { addDaysToKey } from '../../src/shared/utils/timezone.util.js';
import { eventLog } from '../../test/support/builders.js';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.js';
import { shanghaiDay } from '../../test/support/events.js';
import { openReplica, type Replica } from '../../test/support/persistence.js';
import { openSql } from '../../test/support/sql.js';
import { readBackendPid, readCpuMicroseconds } from '../support/backend-cpu.js';
import { createEvent } from '../support/bench-events.js';
import type { BenchContext } from '../support/context.js';
import { elapsed } from '../support/elapsed.js';
import { format, print } from '../support/output.js';
import { verdictOf, type Comparison } from '../support/results.js';
import { median, percentile } from '../support/statistics.js';

/** The fewest days that a service has: some of them ahead. */
const FEW_DAYS = 5;
const DAYS_AHEAD = 3;
const DAYS_A_CALL = 400;
const FLUSH_EVENTS = 100;
const WARM_UP_FLUSHES = 30;
/** The share by which history may make a flush dearer. */
const GOAL = { atMost: 1.1 };

interface Log {
  readonly database: TestDatabase;
  readonly replica: Replica;
}

interface Round {
  readonly log: Log;
  readonly pid: number;
  readonly cpuMicroseconds: number[];
  readonly latencyMs: number[];
}

type Rounds = { readonly few: Round; readonly many: Round }[];

/** Compares a flush into a log of years with one into a log of days, flush by flush: CPU of PostgreSQL, and latency. */
export async function comparePartitions({ servers, scale }: BenchContext): Promise<Comparison[]> {
  const logs: Log[] = [];
  try {
    print(`\nCreating the partitions of ${FEW_DAYS} and of ${format(scale.partitionDays)} days`);
    for (const days of [FEW_DAYS, scale.partitionDays]) {
      logs.push(await createLog(servers.database.ownerUrl, days));
    }
    const [few, many] = logs as [Log, Log];
    const measured: Rounds = [];
    for (const log of logs) await warmUp(log);
    for (let number = 1; number <= scale.rounds; number++) {
      const round = { few: await startRound(few), many: await startRound(many) };
      const end = performance.now() + scale.seconds * 1000;
      // The order changes each time, so that neither log always follows the other.
      while (performance.now() < end) {
        for (const log of [round.few, round.many, round.many, round.few]) await flush(log);
      }
      measured.push(round);
    }
    const work = `A flush of ${FLUSH_EVENTS} events, ${format(scale.partitionDays)} daily partitions`;
    const limitedBy = `the same with ${FEW_DAYS} daily partitions`;
    return [
      summarize(
        { id: 'partitions-cpu', work: `${work}: CPU of PostgreSQL`, limitedBy, unit: 'µs' },
        measured,
        (round) => median(round.cpuMicroseconds),
      ),
      {
        ...summarize(
          { id: 'partitions-latency', work: `${work}: latency`, limitedBy, unit: 'ms' },
          measured,
          (round) => median(round.latencyMs),
        ),
        latency: {
          p50Ms: median(measured.flatMap((round) => round.many.latencyMs)),
          p99Ms: percentile(
            measured.flatMap((round) => round.many.latencyMs),
            0.99,
          ),
        },
      },
    ];
  } finally {
    for (const { replica, database } of logs) {
      await replica.close();
      await database.drop();
    }
  }
}

/** Creates a database with the partitions of that many days, of which the last are ahead. */
async function createLog(serverUrl: string, days: number): Promise<Log> {
  const database = await createTestDatabase(serverUrl);
  const owner = await openSql(database.ownerUrl);
  const last = addDaysToKey(shanghaiDay(), DAYS_AHEAD);
  for (let oldest = days - 1; oldest >= 0; oldest -= DAYS_A_CALL) {
    await owner.rows('SELECT analytics_ensure_partitions($1, $2)', [
      addDaysToKey(last, -oldest),
      addDaysToKey(last, -Math.max(0, oldest - DAYS_A_CALL + 1)),
    ]);
  }
  await owner.close();
  // One connection, whose process is measured.
  const replica = openReplica(database.serviceUrl, new SystemClock(), 1);
  return { database, replica };
}

async function warmUp(log: Log): Promise<void> {
  const round = await startRound(log);
  for (let i = 0; i < WARM_UP_FLUSHES; i++) await flush(round);
}

async function startRound(log: Log): Promise<Round> {
  return { log, pid: await readBackendPid(log.replica.prisma), cpuMicroseconds: [], latencyMs: [] };
}

async function flush({ log, pid, cpuMicroseconds, latencyMs }: Round): Promise<void> {
  const events = Array.from({ length: FLUSH_EVENTS }, (_, i) => {
    const { eventId, eventName, userId, installId, atMs, properties } = createEvent(i);
    return eventLog({
      ...{ eventId, eventName, userId, installId },
      at: new Date(atMs),
      properties: JSON.parse(properties),
    });
  });
  const before = await readCpuMicroseconds(pid);
  const { ms } = await elapsed(() => log.replica.eventLog.batchInsert(events));
  latencyMs.push(ms);
  cpuMicroseconds.push((await readCpuMicroseconds(pid)) - before);
}

function summarize(
  description: Pick<Comparison, 'id' | 'work' | 'limitedBy' | 'unit'>,
  rounds: Rounds,
  read: (round: Round) => number,
): Comparison {
  const [limit, service] = [rounds.map(({ few }) => read(few)), rounds.map(({ many }) => read(many))];
  const comparison = {
    ...description,
    goal: GOAL,
    limit,
    service,
    ratio: median(service.map((value, round) => value / (limit[round] ?? NaN))),
  };
  print(
    `  ${comparison.work}: limit ${format(median(limit))}, service ${format(median(service))} ${comparison.unit}, ` +
      `ratio ${comparison.ratio.toFixed(2)}, goal ${verdictOf(comparison)}`,
  );
  return comparison;
}
