import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { createTestDatabase, prepareServer, type TestDatabase } from '../support/database.js';
import { postJson, request, signToken, type Answer } from '../support/http.js';
import { startPostgresServer, type PostgresServer } from '../support/postgres.js';
import { freePort, waitFor } from '../support/processes.js';
import { createTestRedis, startRedisServer, type RedisServer, type TestRedis } from '../support/redis.js';
import { settings, startService, type Service } from '../support/service.js';
import { event, nowSeconds, shanghaiDay } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import { acceptedIds, batch, Load, sendBatch, type SentBatch } from './support/load.js';
import { OwnerDatabase } from '../support/owner-database.js';
import { childrenOf, isRunning, signalAll } from './support/process-tree.js';

/** The service's bound for any answer, and half a second for a machine that is busy with other tests. */
const BOUND_MS = 2000 + 500;
const RECOVERY_MS = 10_000;

// Servers and services are started and ended in these tests, on machines that have other things to do.
jest.setTimeout(60_000);

const admin = signToken({ userId: '1' });

interface Verdict {
  readonly accepted: number;
  readonly duplicates: number;
}

async function timely(asked: Promise<Answer>): Promise<Answer> {
  const answer = await asked;
  expect({ text: answer.text, timely: answer.milliseconds < BOUND_MS }).toMatchObject({ timely: true });
  return answer;
}

function send(service: Service, events: readonly unknown[] = [event()]): Promise<Answer> {
  return timely(postJson(`${service.url}/analytics/events`, { events }));
}

function beat(service: Service, userId = '5'): Promise<Answer> {
  const body = { installId: 'install-of-heartbeats', appVersion: '1', clientTs: nowSeconds() };
  return timely(postJson(`${service.url}/presence/heartbeat`, body, { token: signToken({ userId }) }));
}

function get(service: Service, path: string): Promise<Answer> {
  return timely(request(`${service.url}${path}`, { token: admin }));
}

function dauToday(service: Service): Promise<Answer> {
  return get(service, `/analytics/dau?startDate=${shanghaiDay()}&endDate=${shanghaiDay()}`);
}

async function liveDau(service: Service): Promise<number> {
  const { body } = await get(service, '/analytics/dau/realtime');
  return (body as { dauCount: number }).dauCount;
}

async function exactDau(service: Service): Promise<number> {
  const { body } = await dauToday(service);
  return (body as { data: { dauCount: number }[] }).data[0]?.dauCount ?? 0;
}

/** Asks until the answer is a good one. */
async function recovered(ask: () => Promise<Answer>): Promise<void> {
  await waitFor(async () => (await ask()).status === 200, RECOVERY_MS, {
    what: 'the service recovers by itself',
  });
}

/** The ids among these that are not in the log. */
async function missing(ownerUrl: string, ids: readonly string[]): Promise<string[]> {
  const database = await OwnerDatabase.connect(ownerUrl);
  const rows = await database.events(ids);
  await database.close();
  return ids.filter((_, index) => rows[index] === undefined);
}

/** Sends again what was not answered with success; afterwards everything must have been stored once. */
async function sendAgain(service: Service, sent: readonly SentBatch[]): Promise<void> {
  for (const { events, status } of sent) {
    if (status === 200) continue;
    const { body } = await send(service, events);
    const { accepted, duplicates } = body as Verdict;
    expect(accepted + duplicates).toBe(events.length);
  }
}

// Lives as long as this file does: what the last tests look at needs its time.
let watchedDatabase: TestDatabase;
let watchedRedis: RedisServer;
let watched: Service;
// On a database of its own: of the replicas on one, only one compares the live DAU, and it must be this one.
let emptied: { redis: RedisServer; database: TestDatabase; service: Service } | undefined;

beforeAll(async () => {
  [watchedDatabase, watchedRedis] = await Promise.all([createTestDatabase(), startRedisServer()]);
  watched = await start(watchedRedis, watchedDatabase);
});

afterAll(async () => {
  const exitCodes = await Promise.all([watched, emptied?.service].flatMap((one) => one?.stop() ?? []));
  await Promise.all([watchedRedis, emptied?.redis].flatMap((one) => one?.stop() ?? []));
  await Promise.all([watchedDatabase, emptied?.database].flatMap((database) => database?.drop() ?? []));
  expect(new Set(exitCodes)).toEqual(new Set([0]));
});

function start(
  server: { readonly host: string; readonly port: number; readonly db?: number },
  database: TestDatabase,
): Promise<Service> {
  return startService({ env: settings({ databaseUrl: database.serviceUrl, redis: server }) });
}

describe('when Redis', () => {
  async function expectAllButPresence(): Promise<void> {
    const sent = event();
    const [events, dau, ready, live, ...presence] = await Promise.all([
      send(watched, [sent]),
      dauToday(watched),
      get(watched, '/health/ready'),
      get(watched, '/health/live'),
      beat(watched),
      get(watched, '/presence/online-count'),
      get(watched, '/analytics/dau/realtime'),
    ]);
    expect(events).toMatchObject({ status: 200, body: { accepted: 1 } });
    expect(await missing(watchedDatabase.ownerUrl, [sent.eventId])).toEqual([]);
    expect(dau.status).toBe(200);
    for (const answer of presence) expectProblem(answer, 503, 'redis_unavailable');
    expect(ready).toMatchObject({
      status: 200,
      body: { status: 'degraded', dependencies: { database: 'up', redis: 'down' } },
    });
    expect(live).toMatchObject({ status: 200, body: { status: 'ok' } });
  }

  async function expectPresence(): Promise<void> {
    await recovered(() => beat(watched));
    expect((await get(watched, '/presence/online-count')).body).toMatchObject({ count: 1 });
    expect((await get(watched, '/health/ready')).body).toMatchObject({ status: 'ok' });
  }

  it('is frozen, everything else goes on, and presence comes back with it', async () => {
    await expectPresence();
    watchedRedis.pause();
    try {
      await expectAllButPresence();
    } finally {
      watchedRedis.resume();
    }
    await expectPresence();
  });

  it('is killed, everything else goes on, and presence comes back with it', async () => {
    await watchedRedis.kill();
    await expectAllButPresence();
    // A connection that is lost is noticed at once.
    expect((await beat(watched)).milliseconds).toBeLessThan(500);
    await watchedRedis.stop();
    watchedRedis = await startRedisServer({ port: watchedRedis.port });
    await expectPresence();
  });

  it('is not there at the start, the service starts and finds it later', async () => {
    const port = await freePort();
    const database = await createTestDatabase();
    const early = await startService({
      env: settings({ databaseUrl: database.serviceUrl, redis: { host: '127.0.0.1', port } }),
    });
    expectProblem(await beat(early), 503, 'redis_unavailable');
    expect((await send(early)).status).toBe(200);
    const late = await startRedisServer({ port });
    await recovered(() => beat(early));
    expect(await early.stop()).toBe(0);
    await Promise.all([late.stop(), database.drop()]);
  });

  it('has come back empty, presence fills by itself', async () => {
    const [server, database] = await Promise.all([startRedisServer(), createTestDatabase()]);
    emptied = { redis: server, database, service: await start(server, database) };
    const { service: one } = emptied;
    expect(
      await send(
        one,
        Array.from({ length: 5 }, () => event()),
      ),
    ).toMatchObject({ body: { accepted: 5 } });
    await waitFor(async () => (await liveDau(one)) > 0, RECOVERY_MS, { what: 'the live DAU follows' });
    await server.stop();
    emptied.redis = await startRedisServer({ port: server.port });
    await recovered(() => beat(one));
    expect((await get(one, '/presence/online-count')).body).toMatchObject({ count: 1 });
  });
});

describe('when Postgres', () => {
  let server: PostgresServer;
  let database: TestDatabase;
  let redis: TestRedis;
  let service: Service;

  beforeAll(async () => {
    // What was answered must survive a crash of the server, so it may not answer before it has written.
    [server, redis] = await Promise.all([
      startPostgresServer({ settings: { synchronous_commit: 'on' } }),
      createTestRedis(),
    ]);
    await prepareServer(server.ownerUrl);
    database = await createTestDatabase(server.ownerUrl);
    service = await startService({ env: settings({ databaseUrl: database.serviceUrl, redis }) });
  });

  afterAll(async () => {
    const exitCode = await service?.stop();
    await redis?.close();
    await server?.stop();
    expect(exitCode).toBe(0);
  });

  async function expectOnlyPresence(): Promise<void> {
    const [events, dau, history, ready, live, heartbeat, online, realtime] = await Promise.all([
      send(service),
      dauToday(service),
      get(service, '/presence/online-history?startTime=2025-01-01T00:00:00Z&endTime=2025-01-02T00:00:00Z'),
      get(service, '/health/ready'),
      get(service, '/health/live'),
      beat(service),
      get(service, '/presence/online-count'),
      get(service, '/analytics/dau/realtime'),
    ]);
    for (const answer of [events, dau, history]) expectProblem(answer, 503, 'database_unavailable');
    expect(ready).toMatchObject({
      status: 503,
      body: { status: 'unavailable', dependencies: { database: 'down', redis: 'up' } },
    });
    expect(ready.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    for (const answer of [live, heartbeat, online, realtime]) expect(answer.status).toBe(200);
  }

  /** Stops every process of the server where it is, as a hanging disk would. */
  function freeze(): () => void {
    server.pause();
    const others = childrenOf(server.pid);
    signalAll(others, 'SIGSTOP');
    return () => {
      signalAll(others, 'SIGCONT');
      server.resume();
    };
  }

  /** Kills every process of the server at once: nothing that it had not written is written any more. */
  async function crash(): Promise<void> {
    const others = childrenOf(server.pid);
    const ended = server.kill();
    signalAll(others, 'SIGKILL');
    await ended;
  }

  it('is frozen, answers are 503 in time, heartbeats go on, and it all comes back', async () => {
    expect(await send(service)).toMatchObject({ status: 200 });
    const thaw = freeze();
    try {
      // First over connections that were there, then over none.
      await expectOnlyPresence();
      await expectOnlyPresence();
    } finally {
      thaw();
    }
    await recovered(() => send(service));
    await recovered(() => dauToday(service));
    expect(await get(service, '/health/ready')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('is frozen under load, every batch is answered in time, and can be sent again', async () => {
    const thaw = freeze();
    let sent: SentBatch[];
    try {
      sent = await Promise.all(Array.from({ length: 150 }, () => sendBatch(service.url, batch(100))));
    } finally {
      thaw();
    }
    expect(sent.map(({ status }) => status)).toEqual(sent.map(() => 503));
    expect(Math.max(...sent.map(({ milliseconds }) => milliseconds))).toBeLessThan(BOUND_MS);
    await recovered(() => send(service));
    await sendAgain(service, sent);
    expect(
      await missing(
        database.ownerUrl,
        sent.flatMap(({ events }) => events.map(({ eventId }) => eventId)),
      ),
    ).toEqual([]);
  });

  it('crashes under load, nothing that was accepted is lost, and it all comes back', async () => {
    const before = await sendBatch(service.url, batch(100));
    expect(before.status).toBe(200);
    const sent: SentBatch[] = [before];
    // Two hundred batches, sent while the server crashes.
    const sending = Array.from({ length: 10 }, async () => {
      for (let i = 0; i < 20; i++) sent.push(await sendBatch(service.url, batch(20)));
    });
    await waitFor(() => sent.length > 40, RECOVERY_MS, { intervalMs: 1 });
    await crash();
    await Promise.all(sending);
    expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([200, 503]));
    expect(Math.max(...sent.map(({ milliseconds }) => milliseconds))).toBeLessThan(BOUND_MS);
    await expectOnlyPresence();

    await server.restart();
    await recovered(() => send(service));
    await recovered(() => dauToday(service));
    expect(await get(service, '/health/ready')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await missing(database.ownerUrl, acceptedIds(sent))).toEqual([]);
    await sendAgain(service, sent);
    expect(
      await missing(
        database.ownerUrl,
        sent.flatMap(({ events }) => events.map(({ eventId }) => eventId)),
      ),
    ).toEqual([]);
  });

  it('is not there at the start, the service starts, says so, and finds it later', async () => {
    await server.shutDown();
    const early = await startService({ env: settings({ databaseUrl: database.serviceUrl, redis }) });
    expectProblem(await send(early), 503, 'database_unavailable');
    expect((await beat(early)).status).toBe(200);
    expect(await get(early, '/health/live')).toMatchObject({ status: 200 });
    expect(await get(early, '/health/ready')).toMatchObject({ status: 503, body: { status: 'unavailable' } });
    await server.restart();
    await recovered(() => send(early));
    expect(await get(early, '/health/ready')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await early.stop()).toBe(0);
    expect(early.output()).not.toContain('postgresql://');
    await recovered(() => send(service));
  });
});

describe('when the service', () => {
  let database: TestDatabase;
  let redis: TestRedis;
  const services: Service[] = [];

  beforeAll(async () => {
    [database, redis] = await Promise.all([createTestDatabase(), createTestRedis()]);
  });

  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop()));
    await redis?.close();
    await database?.drop();
  });

  async function start(): Promise<Service> {
    const service = await startService({ env: settings({ databaseUrl: database.serviceUrl, redis }) });
    services.push(service);
    return service;
  }

  async function connections(): Promise<number> {
    const owner = await OwnerDatabase.connect(database.ownerUrl);
    const [row] = await owner.rows(`SELECT count(*)::int AS n FROM pg_stat_activity
                                    WHERE datname = current_database() AND application_name = 'analytics-presence-service'`);
    await owner.close();
    return Number(row!['n']);
  }

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'is stopped under load (%s), it answers what it has taken and ends with 0',
    async (signal) => {
      const service = await start();
      const load = new Load(service.url, { clients: 8, batchSize: 20 });
      await waitFor(() => load.answered > 50, RECOVERY_MS, { intervalMs: 1 });
      expect(await connections()).toBeGreaterThan(0);
      const exitCode = await service.stop(signal);
      const sent = await load.result();
      expect(exitCode).toBe(0);
      expect(isRunning(service.pid)).toBe(false);
      expect(sent.filter(({ status }) => status !== undefined && status !== 200 && status !== 503)).toEqual(
        [],
      );
      expect(await missing(database.ownerUrl, acceptedIds(sent))).toEqual([]);
      await waitFor(async () => (await connections()) === 0, RECOVERY_MS, { what: 'no connection is left' });
    },
  );

  it('is killed under load, everything that it has accepted is stored, and its successor goes on', async () => {
    const service = await start();
    const load = new Load(service.url, { clients: 8, batchSize: 20 });
    await waitFor(() => load.answered > 50, RECOVERY_MS, { intervalMs: 1 });
    expect(await service.stop('SIGKILL')).toBeNull();
    const sent = await load.result();
    expect(await missing(database.ownerUrl, acceptedIds(sent))).toEqual([]);

    const successor = await start();
    await sendAgain(successor, sent);
    expect(
      await missing(
        database.ownerUrl,
        sent.flatMap(({ events }) => events.map(({ eventId }) => eventId)),
      ),
    ).toEqual([]);
    expect(await successor.stop()).toBe(0);
  });

  it('is one of two, they act as one', async () => {
    const [one, other] = await Promise.all([start(), start()]);
    await redis.flush();
    const events = batch(200);
    const batches = Array.from({ length: 20 }, (_, i) => events.slice(i, i + 180));
    const answers = await Promise.all(batches.map((some, i) => send(i % 2 === 0 ? one : other, some)));
    // On a machine that is too busy one may have to be sent again; it is then not known what the first attempt did.
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.filter(({ status }) => status !== 503)).toEqual([]);
    for (const [i, { status }] of answers.entries())
      if (status !== 200) await recovered(() => send(one, batches[i]));
    const bodies = answers.flatMap(({ status, body }) => (status === 200 ? [body as Verdict] : []));
    for (const { accepted, duplicates } of bodies) expect(accepted + duplicates).toBe(180);
    const accepted = bodies.reduce((sum, verdict) => sum + verdict.accepted, 0);
    if (refused.length === 0) expect(accepted).toBe(199);
    expect(accepted).toBeLessThanOrEqual(199);
    const ids = events.slice(0, 199).map(({ eventId }) => eventId);
    expect(await missing(database.ownerUrl, ids)).toEqual([]);

    await Promise.all([beat(one, '7'), beat(other, '7'), beat(one, '8'), beat(other, '9')]);
    const ask = async (service: Service, path: string, field: string) =>
      ((await get(service, path)).body as Record<string, unknown>)[field];
    expect(await ask(one, '/presence/online-count', 'count')).toBe(3);
    expect(await ask(other, '/presence/online-count', 'count')).toBe(3);
    await waitFor(async () => {
      const [mine, theirs] = await Promise.all([dauToday(one), dauToday(other)]);
      expect(mine.body).toEqual(theirs.body);
      return true;
    }, 2000);

    expect(await one.stop()).toBe(0);
    expect((await send(other)).status).toBe(200);
    expect(await other.stop()).toBe(0);
  });
});

describe('the live DAU is mended within a minute after Redis', () => {
  async function expectMended(service: Service): Promise<void> {
    // An estimate: of identities that change from run to run, two or three may share a register.
    const isMended = async (): Promise<boolean> => {
      const [live, exact] = [await liveDau(service), await exactDau(service)];
      return live > 0 && Math.abs(live - exact) <= 3;
    };
    await waitFor(isMended, 65_000, {
      what: 'the live DAU is mended',
      intervalMs: 250,
    });
  }

  it('was away', () => expectMended(watched), 90_000);

  it('came back empty', () => expectMended(emptied!.service), 90_000);
});
