import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { createTestDatabase, prepareServer, type TestDatabase } from '../../support/database.js';
import { expectProblem } from '../../support/expect-problem.js';
import { startPostgresServer, type PostgresServer } from '../../support/postgres.js';
import { waitFor } from '../../support/processes.js';
import { RECOVERY_MS } from '../../support/recovery.js';
import { createTestRedis, type TestRedis } from '../../support/redis.js';
import { startService, type Service } from '../../support/service.js';
import { acceptedIds, batch, sendBatch, type SentBatch } from '../support/load.js';
import { childrenOf, signalAll } from '../support/process-tree.js';
import {
  beat,
  BOUND_MS,
  dauToday,
  expectRecovery,
  findMissing,
  get,
  limitedSettings,
  resendFailed,
  send,
} from './service-client.js';

export function describePostgresUnavailable(): void {
  describe('PostgreSQL unavailable', () => {
    let server: PostgresServer;
    let database: TestDatabase;
    let redis: TestRedis;
    let service: Service;

    beforeAll(async () => {
      // Accepted events must survive a crash of the server, so it commits to disk before it answers.
      [server, redis] = await Promise.all([
        startPostgresServer({ settings: { synchronous_commit: 'on' } }),
        createTestRedis(),
      ]);
      await prepareServer(server.ownerUrl);
      database = await createTestDatabase(server.ownerUrl);
      service = await startService({ env: limitedSettings({ databaseUrl: database.serviceUrl, redis }) });
    });

    afterAll(async () => {
      const exitCode = await service?.stop();
      await redis?.close();
      await server?.stop();
      expect(exitCode).toBe(0);
    });

    async function expectOnlyPresenceAvailable(): Promise<void> {
      const [events, dau, history, ready, live, heartbeat, online, realtime] = await Promise.all([
        send(service),
        dauToday(service),
        get(service, '/presence/online-history?startTime=2025-01-01T00:00:00Z&endTime=2025-01-02T00:00:00Z'),
        // A check that passed holds for a second.
        waitFor(async () => {
          const answer = await get(service, '/health/ready');
          return answer.status === 200 ? null : answer;
        }, RECOVERY_MS),
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
      for (const answer of [live, heartbeat, online, realtime]) expect(answer).toMatchObject({ status: 200 });
    }

    /** Freezes every process of the server, as a hanging disk does. @returns a function that resumes them */
    function freeze(): () => void {
      server.pause();
      const others = childrenOf(server.pid);
      signalAll(others, 'SIGSTOP');
      return () => {
        signalAll(others, 'SIGCONT');
        server.resume();
      };
    }

    /** Kills every process of the server at once; unwritten data is lost. */
    async function crash(): Promise<void> {
      const others = childrenOf(server.pid);
      const ended = server.kill();
      signalAll(others, 'SIGKILL');
      await ended;
    }

    it('returns 503 in time while the server is frozen, still accepts heartbeats, and recovers', async () => {
      expect(await send(service)).toMatchObject({ status: 200 });
      const thaw = freeze();
      try {
        // The first round uses open connections, the second one has none left.
        await expectOnlyPresenceAvailable();
        await expectOnlyPresenceAvailable();
      } finally {
        thaw();
      }
      await expectRecovery(() => send(service));
      await expectRecovery(() => dauToday(service));
      expect(await get(service, '/health/ready')).toMatchObject({ status: 200, body: { status: 'ok' } });
    });

    it('ends with 0 when it is stopped while the server is frozen', async () => {
      const stopped = await startService({
        env: limitedSettings({ databaseUrl: database.serviceUrl, redis }),
      });
      expect(await send(stopped)).toMatchObject({ status: 200 });
      const thaw = freeze();
      try {
        await Promise.all([send(stopped), dauToday(stopped)]);
        expect(await stopped.stop()).toBe(0);
      } finally {
        thaw();
      }
      await expectRecovery(() => send(service));
    });

    it('answers every batch in time while the server is frozen under load, and accepts the retries', async () => {
      const thaw = freeze();
      let sent: SentBatch[];
      try {
        sent = await Promise.all(Array.from({ length: 150 }, () => sendBatch(service.url, batch(100))));
      } finally {
        thaw();
      }
      expect(sent.map(({ status }) => status)).toEqual(sent.map(() => 503));
      expect(Math.max(...sent.map(({ milliseconds }) => milliseconds))).toBeLessThan(BOUND_MS);
      await expectRecovery(() => send(service));
      await resendFailed(service, sent);
      expect(
        await findMissing(
          database.ownerUrl,
          sent.flatMap(({ events }) => events.map(({ eventId }) => eventId)),
        ),
      ).toEqual([]);
    });

    it('loses no accepted event when the server crashes under load, and recovers', async () => {
      const before = await sendBatch(service.url, batch(100));
      expect(before.status).toBe(200);
      const sent: SentBatch[] = [before];
      // Ten clients send 200 batches while the server crashes.
      const sending = Array.from({ length: 10 }, async () => {
        for (let i = 0; i < 20; i++) sent.push(await sendBatch(service.url, batch(20)));
      });
      await waitFor(() => sent.length > 40, RECOVERY_MS, { intervalMs: 1 });
      await crash();
      await Promise.all(sending);
      expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([200, 503]));
      expect(Math.max(...sent.map(({ milliseconds }) => milliseconds))).toBeLessThan(BOUND_MS);
      await expectOnlyPresenceAvailable();

      await server.restart();
      await expectRecovery(() => send(service));
      await expectRecovery(() => dauToday(service));
      expect(await get(service, '/health/ready')).toMatchObject({ status: 200, body: { status: 'ok' } });
      expect(await findMissing(database.ownerUrl, acceptedIds(sent))).toEqual([]);
      await resendFailed(service, sent);
      expect(
        await findMissing(
          database.ownerUrl,
          sent.flatMap(({ events }) => events.map(({ eventId }) => eventId)),
        ),
      ).toEqual([]);
    });

    it('starts without the server, reports it as unavailable, and connects once it is available', async () => {
      await server.shutDown();
      const early = await startService({ env: limitedSettings({ databaseUrl: database.serviceUrl, redis }) });
      expectProblem(await send(early), 503, 'database_unavailable');
      expect((await beat(early)).status).toBe(200);
      expect(await get(early, '/health/live')).toMatchObject({ status: 200 });
      expect(await get(early, '/health/ready')).toMatchObject({
        status: 503,
        body: { status: 'unavailable' },
      });
      await server.restart();
      await expectRecovery(() => send(early));
      expect(await get(early, '/health/ready')).toMatchObject({ status: 200, body: { status: 'ok' } });
      expect(await early.stop()).toBe(0);
      expect(early.output()).not.toContain('postgresql://');
      await expectRecovery(() => send(service));
    });
  });
}
