import { request, signToken } from '../../test/support/http.js';
import { compare, format, type BenchContext, type Turns } from '../support/context.js';
import { generateLoad, HEARTBEAT_USERS, insertRows, type Load, type LoadResult } from '../support/load.js';
import { EMPTY_ROUTE, type Comparison, type Measured } from '../support/results.js';
import { meter } from '../support/service-meter.js';
import {
  earliestOfLoad,
  emptyLog,
  outboxEmptied,
  storedEvents,
  storedEventsAtRest,
} from '../support/stored.js';

const BATCH_SIZE = 100;
const INGEST_CONNECTIONS = 16;
/** One slow second at the beginning is the compiler's. */
const WARM_UP_SECONDS = 3;
const FEW_USERS = 1_000;
const REDIS_CHUNK = 10_000;
const ONLINE_USERS_KEY = 'presence:online_users';

export const BARE_INSERTS = 'pg, INSERT … unnest of 1,000 rows into the bare log table';
export const BATCHES: Load = { kind: 'events', batchSize: BATCH_SIZE, connections: INGEST_CONNECTIONS };

/** Looks at what is stored before a load, and after it throws when what was answered for is not there. */
type Check = () => Promise<(answers: number) => Promise<void>>;

/** What comes before any work of ours: the framework, and the hooks that every request passes. */
export function compareSmallestRoute(context: BenchContext): Promise<Comparison> {
  return againstEmptyRoute(context, {
    id: 'smallest-route',
    work: 'GET /health/live, the smallest route there is, 64 connections',
    load: { kind: 'liveness', batchSize: 1, connections: 64 },
    check: nothingIsStored,
  });
}

export function compareSingleEvents(context: BenchContext): Promise<Comparison> {
  const load: Load = { kind: 'events', batchSize: 1, connections: 64 };
  return againstEmptyRoute(context, {
    id: 'single-events',
    work: 'Single events, 64 connections, durable answer',
    load,
    goal: 0.5,
    check: eventsAreStored(context, load),
  });
}

export function compareHeartbeats(context: BenchContext): Promise<Comparison> {
  const load: Load = { kind: 'heartbeat', batchSize: 1, connections: 64 };
  return againstEmptyRoute(context, {
    id: 'heartbeats',
    work: 'Heartbeats with a JWT, 64 connections, written to Redis',
    load,
    goal: 0.6,
    check: usersAreOnline(context, load),
  });
}

/** What an app's first heartbeat with a token costs; the others find it known. */
export function compareHeartbeatsWithNewTokens(context: BenchContext): Promise<Comparison> {
  const load: Load = { kind: 'heartbeat-new-token', batchSize: 1, connections: 64 };
  return againstEmptyRoute(context, {
    id: 'heartbeats-new-tokens',
    work: 'Heartbeats, each with a token not seen before, 64 connections',
    load,
    check: usersAreOnline(context, load),
  });
}

export async function compareBatches(context: BenchContext): Promise<Comparison> {
  const { servers } = context;
  await warmUp(context, BATCHES);
  return compare(
    context,
    {
      id: 'event-batches',
      work: `Events in batches of ${BATCH_SIZE}, ${INGEST_CONNECTIONS} connections, durable answer`,
      limitedBy: BARE_INSERTS,
      unit: 'events/s',
      goal: { atLeast: 0.6 },
    },
    {
      settle: () => emptyLog(servers),
      ...batchTurns(context),
    },
  );
}

/** Events a second, of which every one is in the log; and rows that the driver puts into an empty one. */
export function batchTurns(context: BenchContext): Pick<Turns, 'limit' | 'service'> {
  const { servers, extent } = context;
  return {
    limit: async () => {
      const { rows, seconds } = await insertRows({
        databaseUrl: servers.database.ownerUrl,
        connections: INGEST_CONNECTIONS,
        seconds: extent.seconds,
      });
      return { value: rows / seconds };
    },
    service: () => measureService(context, BATCHES, eventsAreStored(context, BATCHES)),
  };
}

export async function compareOnlineCounts(context: BenchContext): Promise<Comparison[]> {
  const { redis } = context.servers;
  const { onlineUsers } = context.extent;
  const load: Load = { kind: 'online-count', batchSize: 1, connections: INGEST_CONNECTIONS };
  const measureWith = async (users: number): Promise<Measured> => {
    await putOnline(context, users);
    return measureService(context, load, countIs(context, users));
  };
  await putOnline(context, onlineUsers);
  const many = await againstEmptyRoute(context, {
    id: 'online-count',
    work: `Online count of ${format(onlineUsers)} users, ${INGEST_CONNECTIONS} connections`,
    load,
    goal: 0.6,
    check: countIs(context, onlineUsers),
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
      settle: () => emptyLog(context.servers),
      limit: () => measureWith(FEW_USERS),
      service: () => measureWith(onlineUsers),
    },
  );
  await redis.flushdb();
  return [many, ofItself];
}

async function againstEmptyRoute(
  context: BenchContext,
  about: {
    readonly id: string;
    readonly work: string;
    readonly load: Load;
    readonly goal?: number;
    readonly check: Check;
  },
): Promise<Comparison> {
  const { id, work, load, goal, check } = about;
  await warmUp(context, load);
  await warmUp(context, load, { toEmptyRoute: true });
  return compare(
    context,
    {
      id,
      work,
      limitedBy: EMPTY_ROUTE,
      unit: 'requests/s',
      ...(goal !== undefined && { goal: { atLeast: goal } }),
    },
    {
      settle: () => emptyLog(context.servers),
      limit: () => measureEmptyRoute(context, load),
      service: () => measureService(context, load, check),
    },
  );
}

/** With the same load, each process by itself; tokens that come again and again have all been seen by it. */
export async function warmUp(
  { services, emptyRouteUrl, extent }: BenchContext,
  load: Load,
  { toEmptyRoute } = { toEmptyRoute: false },
): Promise<void> {
  for (const url of toEmptyRoute ? [emptyRouteUrl] : services.map((service) => service.url)) {
    await generateLoad({
      ...load,
      url,
      seconds: Math.min(WARM_UP_SECONDS, extent.seconds),
      ...(load.kind === 'heartbeat' && { requests: 2 * HEARTBEAT_USERS }),
      toEmptyRoute,
    });
  }
}

/** So many users, online for the next hour. */
export async function putOnline({ servers: { redis } }: BenchContext, users: number): Promise<void> {
  await redis.flushdb();
  const now = Math.floor(Date.now() / 1000);
  for (let first = 1; first <= users; first += REDIS_CHUNK) {
    const count = Math.min(REDIS_CHUNK, users - first + 1);
    const members = Array.from({ length: count }, (_, i) => [now + 3_600, String(first + i)]).flat();
    await redis.zadd(ONLINE_USERS_KEY, ...members);
  }
}

/** Its CPU time is counted until all that the load has left to do is done; its rate is that of the answers. */
async function measureService(
  { services, serviceUrl, servers, extent }: BenchContext,
  load: Load,
  check: Check,
): Promise<Measured> {
  const expectStored = await check();
  const { result, consumption } = await meter(services, async () => {
    const answers = await generateLoad({
      ...load,
      url: serviceUrl,
      seconds: extent.seconds,
      toEmptyRoute: false,
    });
    await outboxEmptied(servers);
    return answers;
  });
  const measured = toMeasured(result, load);
  await expectStored(result.ok);
  const { cpuSeconds, peakMib, dropped } = consumption;
  const cpuMicroseconds = (cpuSeconds * 1e6) / (result.ok * load.batchSize);
  return { ...measured, cpuMicroseconds, cpuSeconds, peakMib, dropped };
}

async function measureEmptyRoute({ emptyRouteUrl, extent }: BenchContext, load: Load): Promise<Measured> {
  const spec = { ...load, url: emptyRouteUrl, seconds: extent.seconds, toEmptyRoute: true };
  return toMeasured(await generateLoad(spec), load);
}

function toMeasured(result: LoadResult, { batchSize }: Load): Measured {
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

const nothingIsStored: Check = () => Promise.resolve(() => Promise.resolve());

function eventsAreStored({ servers }: BenchContext, { batchSize, connections }: Load): Check {
  return async () => {
    const from = earliestOfLoad();
    const before = await storedEventsAtRest(servers, from);
    return async (answers) => {
      const stored = (await storedEvents(servers, from)) - before;
      // What the generator did not wait for at its end may be there, too.
      if (stored < answers * batchSize || stored > (answers + connections) * batchSize) {
        throw new Error(`${answers * batchSize} events were answered for, and ${stored} are in the log`);
      }
    };
  };
}

function usersAreOnline({ servers: { redis } }: BenchContext, { connections }: Load): Check {
  return async () => {
    const start = Math.floor(Date.now() / 1000);
    return async (answers) => {
      const online = await redis.zcount(ONLINE_USERS_KEY, start, '+inf');
      // Each connection may have had one request that was not sent, or not waited for, at the end.
      if (online < Math.min(answers, HEARTBEAT_USERS) - connections || online > HEARTBEAT_USERS) {
        throw new Error(`${answers} heartbeats were answered, and ${online} users are online`);
      }
    };
  };
}

function countIs({ serviceUrl }: BenchContext, users: number): Check {
  const token = signToken({ sub: '1' });
  const look = async (): Promise<void> => {
    const { status, text, body } = await request(`${serviceUrl}/presence/online-count`, { token });
    if (status !== 200 || (body as { count?: number }).count !== users) {
      throw new Error(`${users} users are online, and the service answers ${status}: ${text}`);
    }
  };
  return async () => {
    await look();
    return look;
  };
}
