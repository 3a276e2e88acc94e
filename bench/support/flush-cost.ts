import { eventLog } from '../../test/support/builders.js';
import type { TestDatabase } from '../../test/support/database.js';
import type { Replica } from '../../test/support/persistence.js';
import { readBackendPid, readCpuMicroseconds } from './backend-cpu.js';
import { createEvent } from './bench-events.js';
import type { BenchScale } from './context.js';
import { elapsed } from './elapsed.js';
import { format, print } from './output.js';
import { verdictOf, type Comparison } from './results.js';
import { median, percentile } from './statistics.js';

export const FLUSH_EVENTS = 100;
const WARM_UP_FLUSHES = 30;
/** The share by which what is stored may make a flush dearer. */
const GOAL = { atMost: 1.1 };

/** A database with one connection, whose process is measured. */
export interface Log {
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

/** Compares flushes into two logs, flush by flush: CPU of PostgreSQL, and latency. */
export async function compareFlushes(
  { rounds, seconds }: BenchScale,
  { id, work, limitedBy }: Pick<Comparison, 'id' | 'work' | 'limitedBy'>,
  [few, many]: readonly [Log, Log],
): Promise<Comparison[]> {
  const measured: Rounds = [];
  for (const log of [few, many]) await warmUp(log);
  for (let number = 1; number <= rounds; number++) {
    const round = { few: await startRound(few), many: await startRound(many) };
    const end = performance.now() + seconds * 1000;
    // The order changes each time, so that neither log always follows the other.
    while (performance.now() < end) {
      for (const log of [round.few, round.many, round.many, round.few]) await flush(log);
    }
    measured.push(round);
  }
  const latencies = measured.flatMap((round) => round.many.latencyMs);
  return [
    summarize(
      { id: `${id}-cpu`, work: `${work}: CPU of PostgreSQL`, limitedBy, unit: 'µs' },
      measured,
      (round) => median(round.cpuMicroseconds),
    ),
    {
      ...summarize(
        { id: `${id}-latency`, work: `${work}: latency`, limitedBy, unit: 'ms' },
        measured,
        (round) => median(round.latencyMs),
      ),
      latency: { p50Ms: median(latencies), p99Ms: percentile(latencies, 0.99) },
    },
  ];
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
