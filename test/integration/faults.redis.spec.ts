import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { EventRecorder } from '../../src/application/services/event-recorder.service.js';
import { StaleDays } from '../../src/application/services/stale-days.service.js';
import { RealtimeDauRepair } from '../../src/application/services/realtime-dau-repair.service.js';
import { RealtimeDauService } from '../../src/application/services/realtime-dau.service.js';
import type { EventLog } from '../../src/domain/entities/event-log.entity.js';
import { REALTIME_DAU_STANDARD_ERROR } from '../../src/domain/services/realtime-dau-estimate.js';
import { PresenceRedisRepository } from '../../src/infrastructure/redis/presence-redis.repository.js';
import { RealtimeDauRedisRepository } from '../../src/infrastructure/redis/realtime-dau-redis.repository.js';
import type { RedisService } from '../../src/infrastructure/redis/redis.service.js';
import { addDaysToKey, formatToDateKey } from '../../src/shared/utils/timezone.util.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { freePort, waitFor } from '../support/processes.js';
import { startRedisServer, type RedisServer } from '../support/redis.js';
import { eventAtNoon } from '../support/builders.js';
import { FixedClock } from '../support/contracts/clock/fake.js';
import { expectUnavailable } from '../support/failures.js';
import { openReplica, type Replica } from '../support/persistence.js';
import { configOf, connectRedis } from '../support/redis-config.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);

const now = new Date();
const today = formatToDateKey(now);
const yesterday = addDaysToKey(today, -1);
const T = 1_750_000_000;

describe.each([
  ['Redis', false],
  ['a Redis Cluster', true],
])('%s', (_, cluster) => {
  let server: RedisServer;
  let service: RedisService;
  let presence: PresenceRedisRepository;
  let dau: RealtimeDauRedisRepository;

  beforeAll(async () => {
    server = await startRedisServer({ cluster });
    service = await connectRedis({ ...configOf(server), cluster });
    presence = new PresenceRedisRepository(service, cluster ? 3 : 1);
    dau = new RealtimeDauRedisRepository(service);
  });

  beforeEach(() => presence.updateUserPresence(1n, T));

  afterAll(async () => {
    service.onApplicationShutdown();
    await server.stop();
  });

  async function expectAllUnavailable(): Promise<void> {
    await Promise.all(
      [
        () => presence.updateUserPresence(2n, T),
        () => presence.updateUsersPresence([2n, 3n, 4n, 5n], T),
        () => presence.countOnlineUsers(0),
        () => presence.getUserLastHeartbeat(1n),
        () => presence.removeExpiredUsers(T),
        () => dau.add(today, ['u:1']),
        () => dau.count(today),
        () => service.ping(),
      ].map((work) => expectUnavailable('redis_unavailable', work)),
    );
  }

  /** Waits until calls to all shards succeed again. */
  const recovered = () =>
    waitFor(async () => {
      await Promise.all([service.ping(), presence.countOnlineUsers(0)]);
      return true;
    }, 15_000);

  it('that is killed fails calls fast, which succeed again after its restart', async () => {
    await server.kill();
    await expectAllUnavailable();
    await expectAllUnavailable();
    const { port } = server;
    await server.stop();
    server = await startRedisServer({ cluster, port });
    await recovered();
    await presence.updateUserPresence(3n, T);
    expect(await presence.countOnlineUsers(0)).toBe(1);
    await dau.add(today, ['u:1']);
    expect(await dau.count(today)).toBe(1);
  });

  it('that freezes fails calls fast, builds up no queue and works again when it resumes', async () => {
    server.pause();
    await Promise.all([
      expectAllUnavailable(),
      ...Array.from({ length: 200 }, (_user, i) =>
        expectUnavailable('redis_unavailable', () => presence.updateUserPresence(BigInt(i + 1), T)),
      ),
    ]);
    await expectUnavailable('redis_unavailable', () => presence.countOnlineUsers(0));
    server.resume();
    await recovered();
    await presence.updateUserPresence(3n, T + 1);
    expect(await presence.getUserLastHeartbeat(3n)).toBe(T + 1);
  });
});

it('a service that starts before Redis uses it once it is available', async () => {
  const port = await freePort();
  const started = performance.now();
  const service = await connectRedis(configOf({ host: '127.0.0.1', port }));
  expect(performance.now() - started).toBeLessThan(2_000);
  const presence = new PresenceRedisRepository(service, 1);
  await expectUnavailable('redis_unavailable', () => presence.updateUserPresence(1n, T));
  const server = await startRedisServer({ port });
  try {
    await waitFor(async () => {
      await presence.updateUserPresence(1n, T);
      return true;
    });
    expect(await presence.getUserLastHeartbeat(1n)).toBe(T);
  } finally {
    service.onApplicationShutdown();
    await server.stop();
  }
});

describe('the live DAU', () => {
  let database: TestDatabase;
  let replica: Replica;
  let server: RedisServer;
  let service: RedisService;
  let realtime: RealtimeDauService;
  let repair: RealtimeDauRepair;
  let dau: RealtimeDauRedisRepository;
  let recorder: EventRecorder;
  const clock = new FixedClock(now.toISOString());

  beforeAll(async () => {
    database = await createTestDatabase();
    replica = openReplica(database.serviceUrl, clock);
  });

  beforeEach(async () => {
    server = await startRedisServer();
    service = await connectRedis(configOf(server));
    dau = new RealtimeDauRedisRepository(service);
    const staleDays = new StaleDays(clock);
    realtime = new RealtimeDauService(dau, staleDays);
    repair = new RealtimeDauRepair(dau, replica.actives, staleDays);
    recorder = new EventRecorder(replica.eventLog, realtime);
  });

  afterEach(async () => {
    service.onApplicationShutdown();
    await server.stop();
  });

  afterAll(async () => {
    await replica.close();
    await database.drop();
  });

  const sessions = (from: number, to: number, day = today) =>
    Array.from({ length: to - from }, (_, i) =>
      eventAtNoon({ userId: String(from + i + 1), at: `${day}T00:00:00.000+08:00` }),
    );

  /** Records events as a request does and then adds them to the live DAU again to await it. */
  async function record(events: readonly EventLog[]): Promise<{ accepted: number; duplicates: number }> {
    const verdict = await recorder.record(events);
    await realtime.record(events);
    return verdict;
  }

  async function comesBackEmpty(): Promise<void> {
    const { port } = server;
    await server.kill();
    await server.stop();
    server = await startRedisServer({ port });
    await waitFor(async () => {
      await service.ping();
      return true;
    });
  }

  async function expectLive(day: string, people: number): Promise<void> {
    const error = Math.abs((await dau.count(day)) - people);
    expect(error).toBeLessThanOrEqual(4 * REALTIME_DAU_STANDARD_ERROR * people);
  }

  it('is right again after Redis was unavailable and lost its data', async () => {
    await record([...sessions(0, 700), ...sessions(0, 300, yesterday)]);
    await expectLive(today, 700);
    await server.kill();
    // The events are durable without Redis.
    expect(await record([...sessions(600, 1_000), ...sessions(300, 350, yesterday)])).toEqual({
      accepted: 450,
      duplicates: 0,
    });
    // This rebuild fails, and the days stay stale.
    await repair.rebuildStale();
    await comesBackEmpty();
    expect(await dau.count(today)).toBe(0);
    await record(sessions(990, 1_100));
    await repair.rebuildStale();
    await expectLive(today, 1_100);
    await expectLive(yesterday, 350);
  });

  it('is rebuilt when a process starts', async () => {
    await record(sessions(2_000, 2_050, yesterday));
    await comesBackEmpty();
    const restarted = new RealtimeDauRepair(dau, replica.actives, new StaleDays(clock));
    restarted.markRecentDaysStale();
    await restarted.rebuildStale();
    await expectLive(today, (await replica.actives.count(today)).total);
    await expectLive(yesterday, (await replica.actives.count(yesterday)).total);
  });

  it('is right again when Redis lost its data between two additions', async () => {
    await record(sessions(3_000, 3_200));
    repair.markRecentDaysStale();
    await repair.rebuildStale();
    const { total } = await replica.actives.count(today);
    await repair.compare();
    await comesBackEmpty();
    await record(sessions(3_000, 3_001));
    await repair.rebuildStale();
    expect(await dau.count(today)).toBe(1);
    await repair.compare();
    await repair.rebuildStale();
    await expectLive(today, total);
  });
});
