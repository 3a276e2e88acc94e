import { describe, expect, it } from '@jest/globals';

import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { event } from '../../support/events.js';
import { expectProblem } from '../../support/expect-problem.js';
import { freePort, waitFor } from '../../support/processes.js';
import { RECOVERY_MS, waitForRecovery } from '../../support/recovery.js';
import { startRedisServer, type RedisServer } from '../../support/redis.js';
import { startService, type Service } from '../../support/service.js';
import {
  beat,
  dauToday,
  exactDau,
  expectRecovery,
  findMissing,
  get,
  limitedSettings,
  liveDau,
  send,
} from './service-client.js';

let watchedDatabase: TestDatabase;
let watchedRedis: RedisServer;
let watched: Service;
// One replica of a database compares the live DAU, so the emptied Redis needs a database of its own.
let emptied: { redis: RedisServer; database: TestDatabase; service: Service } | undefined;

/** Starts what {@link describeRedisUnavailable} and {@link describeLiveDauRepair} share. */
export async function startRedisScene(): Promise<void> {
  [watchedDatabase, watchedRedis] = await Promise.all([createTestDatabase(), startRedisServer()]);
  watched = await start(watchedRedis, watchedDatabase);
}

/** Stops all services and servers of the scene. */
export async function stopRedisScene(): Promise<void> {
  const exitCodes = await Promise.all([watched, emptied?.service].flatMap((one) => one?.stop() ?? []));
  await Promise.all([watchedRedis, emptied?.redis].flatMap((one) => one?.stop() ?? []));
  await Promise.all([watchedDatabase, emptied?.database].flatMap((database) => database?.drop() ?? []));
  expect(new Set(exitCodes)).toEqual(new Set([0]));
}

function start(
  server: { readonly host: string; readonly port: number; readonly db?: number },
  database: TestDatabase,
): Promise<Service> {
  return startService({ env: limitedSettings({ databaseUrl: database.serviceUrl, redis: server }) });
}

export function describeRedisUnavailable(): void {
  describe('Redis unavailable', () => {
    async function expectOnlyPresenceUnavailable(): Promise<void> {
      const sent = event();
      const [events, dau, live, ...presence] = await Promise.all([
        send(watched, [sent]),
        dauToday(watched),
        get(watched, '/health/live'),
        beat(watched),
        get(watched, '/presence/online-count'),
        get(watched, '/analytics/dau/realtime'),
      ]);
      expect(events).toMatchObject({ status: 200, body: { accepted: 1 } });
      expect(await findMissing(watchedDatabase.ownerUrl, [sent.eventId])).toEqual([]);
      expect(dau.status).toBe(200);
      for (const answer of presence) expectProblem(answer, 503, 'redis_unavailable');
      await expectReady({ status: 'degraded', dependencies: { database: 'up', redis: 'down' } });
      expect(live).toMatchObject({ status: 200, body: { status: 'ok' } });
    }

    async function expectPresenceAvailable(): Promise<void> {
      await expectRecovery(() => beat(watched));
      expect((await get(watched, '/presence/online-count')).body).toMatchObject({ count: 1 });
      await expectReady({ status: 'ok' });
    }

    /** Readiness may repeat a check of the last second. */
    async function expectReady(readiness: Readonly<Record<string, unknown>>): Promise<void> {
      await waitForRecovery(async () => {
        expect(await get(watched, '/health/ready')).toMatchObject({ status: 200, body: readiness });
        return true;
      });
    }

    it('returns 503 for presence only while Redis is frozen, and recovers with it', async () => {
      await expectPresenceAvailable();
      watchedRedis.pause();
      try {
        await expectOnlyPresenceUnavailable();
      } finally {
        watchedRedis.resume();
      }
      await expectPresenceAvailable();
    });

    it('returns 503 for presence only after Redis has crashed, and reconnects to its successor', async () => {
      await watchedRedis.kill();
      await expectOnlyPresenceUnavailable();
      // The service notices a lost connection at once.
      expect((await beat(watched)).milliseconds).toBeLessThan(500);
      await watchedRedis.stop();
      watchedRedis = await startRedisServer({ port: watchedRedis.port });
      await expectPresenceAvailable();
    });

    it('starts without Redis and connects once Redis is available', async () => {
      const port = await freePort();
      const database = await createTestDatabase();
      const early = await startService({
        env: limitedSettings({ databaseUrl: database.serviceUrl, redis: { host: '127.0.0.1', port } }),
      });
      expectProblem(await beat(early), 503, 'redis_unavailable');
      expect((await send(early)).status).toBe(200);
      const late = await startRedisServer({ port });
      await expectRecovery(() => beat(early));
      expect(await early.stop()).toBe(0);
      await Promise.all([late.stop(), database.drop()]);
    });

    it('rebuilds presence after Redis restarts without data', async () => {
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
      await expectRecovery(() => beat(one));
      expect((await get(one, '/presence/online-count')).body).toMatchObject({ count: 1 });
    });
  });
}

/** Registers the tests that wait for the repair job, which runs once a minute. */
export function describeLiveDauRepair(): void {
  describe('live DAU after Redis', () => {
    async function expectRepaired(service: Service): Promise<void> {
      // The live DAU is an estimate: two or three of the random identities may share a register.
      const isRepaired = async (): Promise<boolean> => {
        const [live, exact] = [await liveDau(service), await exactDau(service)];
        return live > 0 && Math.abs(live - exact) <= 3;
      };
      await waitFor(isRepaired, 65_000, {
        what: 'the live DAU is repaired',
        intervalMs: 250,
      });
    }

    it('was unavailable is repaired within a minute', () => expectRepaired(watched), 90_000);

    it('lost its data is repaired within a minute', () => expectRepaired(emptied!.service), 90_000);
  });
}
