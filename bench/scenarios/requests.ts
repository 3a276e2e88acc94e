import { compare, format, type BenchContext, type Measured } from '../support/context.js';
import {
  generateLoad,
  insertRows,
  type LoadResult,
  type LoadSpec,
  type RequestKind,
} from '../support/load.js';
import type { Comparison } from '../support/results.js';
import { meter } from '../support/service-meter.js';
import { emptyLog, storedEvents } from '../support/stored.js';

export const BATCH_SIZE = 100;
const INGEST_CONNECTIONS = 16;
/** One slow second at the beginning is the compiler's. */
const WARM_UP_SECONDS = 3;
const FEW_USERS = 1_000;
const REDIS_CHUNK = 10_000;

type Kind = Pick<LoadSpec, 'kind' | 'connections'>;
const BATCHES: Kind = { kind: 'batch', connections: INGEST_CONNECTIONS };

export function compareSingleEvents(context: BenchContext): Promise<Comparison> {
  return againstEmptyRoute(context, {
    id: 'single-events',
    work: 'Single events, 64 connections, durable answer',
    load: { kind: 'single', connections: 64 },
    goal: 0.5,
  });
}

export function compareHeartbeats(context: BenchContext): Promise<Comparison> {
  return againstEmptyRoute(context, {
    id: 'heartbeats',
    work: 'Heartbeats with a JWT, 64 connections, written to Redis',
    load: { kind: 'heartbeat', connections: 64 },
    goal: 0.6,
  });
}

/** @returns events a second, of which every one is in the log */
export async function measureBatches(context: BenchContext): Promise<Measured> {
  const before = await storedEvents(context.servers);
  const measured = await measureService(context, BATCHES, BATCH_SIZE);
  const stored = (await storedEvents(context.servers)) - before;
  // What the generator did not wait for at its end may be there, too.
  const answered = measured.answers * BATCH_SIZE;
  const sent = answered + INGEST_CONNECTIONS * BATCH_SIZE;
  if (stored < answered || stored > sent) {
    throw new Error(`${answered} events were answered for, and ${stored} are in the log`);
  }
  return measured;
}

export async function warmUp(context: BenchContext, kind: RequestKind): Promise<void> {
  const seconds = Math.min(WARM_UP_SECONDS, context.extent.seconds);
  const spec = { kind, connections: INGEST_CONNECTIONS, batchSize: BATCH_SIZE, seconds };
  await generateLoad({ ...spec, url: context.serviceUrl, toEmptyRoute: false });
}

export async function compareBatches(context: BenchContext): Promise<Comparison> {
  const { servers, extent } = context;
  await warmUp(context, 'batch');
  return compare(
    context,
    {
      id: 'event-batches',
      work: `Events in batches of ${BATCH_SIZE}, ${INGEST_CONNECTIONS} connections, durable answer`,
      limitedBy: 'pg, INSERT … unnest of 1,000 rows into the bare log table',
      unit: 'events/s',
      goal: { atLeast: 0.6 },
    },
    {
      limit: async () => {
        await emptyLog(servers);
        const { rows, seconds } = await insertRows({
          databaseUrl: servers.database.ownerUrl,
          connections: INGEST_CONNECTIONS,
          seconds: extent.seconds,
        });
        return { value: rows / seconds };
      },
      service: async () => {
        await emptyLog(servers);
        return measureBatches(context);
      },
    },
  );
}

async function againstEmptyRoute(
  context: BenchContext,
  about: { readonly id: string; readonly work: string; readonly load: Kind; readonly goal: number },
): Promise<Comparison> {
  await warmUp(context, about.load.kind);
  return compare(
    context,
    {
      id: about.id,
      work: about.work,
      limitedBy: 'a Fastify route that does nothing, the same requests',
      unit: 'requests/s',
      goal: { atLeast: about.goal },
    },
    {
      limit: () => measureEmptyRoute(context, about.load),
      service: async () => {
        await emptyLog(context.servers);
        return measureService(context, about.load);
      },
    },
  );
}

export async function compareOnlineCounts(context: BenchContext): Promise<Comparison[]> {
  const { redis } = context.servers;
  const { onlineUsers } = context.extent;
  const load: Kind = { kind: 'online-count', connections: INGEST_CONNECTIONS };
  await putOnline(context, onlineUsers);
  const many = await againstEmptyRoute(context, {
    id: 'online-count',
    work: `Online count of ${format(onlineUsers)} users, ${INGEST_CONNECTIONS} connections`,
    load,
    goal: 0.6,
  });
  const ofItself = await compare(
    context,
    {
      id: 'online-count-growth',
      work: `Online count of ${format(onlineUsers)} users beside ${format(FEW_USERS)}`,
      limitedBy: `the same with ${format(FEW_USERS)} users`,
      unit: 'requests/s',
      goal: { atLeast: 0.9 },
    },
    {
      limit: async () => {
        await putOnline(context, FEW_USERS);
        return measureService(context, load);
      },
      service: async () => {
        await putOnline(context, onlineUsers);
        return measureService(context, load);
      },
    },
  );
  await redis.flushdb();
  return [many, ofItself];
}

/** So many users, online for the next hour. */
export async function putOnline({ servers: { redis } }: BenchContext, users: number): Promise<void> {
  await redis.flushdb();
  const now = Math.floor(Date.now() / 1000);
  for (let first = 1; first <= users; first += REDIS_CHUNK) {
    const count = Math.min(REDIS_CHUNK, users - first + 1);
    const members = Array.from({ length: count }, (_, i) => [now + 3_600, String(first + i)]).flat();
    await redis.zadd('presence:online_users', ...members);
  }
}

async function measureService(
  { services, serviceUrl, extent }: BenchContext,
  load: Kind,
  batchSize = 1,
): Promise<Measured & { answers: number }> {
  const { result, consumption } = await meter(services, () =>
    generateLoad({ ...load, batchSize, url: serviceUrl, seconds: extent.seconds, toEmptyRoute: false }),
  );
  return {
    ...toMeasured(result, batchSize),
    cpuMicroseconds: (consumption.cpuSeconds * 1e6) / (result.ok * batchSize),
    peakMib: consumption.peakMib,
    answers: result.ok,
  };
}

async function measureEmptyRoute({ emptyRouteUrl, extent }: BenchContext, load: Kind): Promise<Measured> {
  return toMeasured(
    await generateLoad({
      ...load,
      batchSize: 1,
      url: emptyRouteUrl,
      seconds: extent.seconds,
      toEmptyRoute: true,
    }),
  );
}

function toMeasured(result: LoadResult, batchSize = 1): Measured {
  if (result.ok === 0 || result.refused > 0 || result.errors > 0) {
    throw new Error(
      `${result.ok} requests were answered well, ${result.refused} not, ${result.errors} not at all`,
    );
  }
  return {
    value: (result.ok * batchSize) / result.seconds,
    latency: { p50Ms: result.p50Ms, p99Ms: result.p99Ms },
    generatorLoad: result.generatorCpuSeconds / result.seconds,
  };
}
