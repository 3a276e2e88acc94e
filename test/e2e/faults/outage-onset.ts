import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { createTestDatabase, prepareServer, type TestDatabase } from '../../support/database.js';
import { event, nowSeconds } from '../../support/events.js';
import { postJson, signToken, type Answer } from '../../support/http.js';
import { startPostgresServer, type PostgresServer } from '../../support/postgres.js';
import { sleep } from '../../support/processes.js';
import { RedisProxy } from '../../support/redis-proxy.js';
import { startRedisServer, type RedisServer } from '../../support/redis.js';
import { startService, type Service } from '../../support/service.js';
import { childrenOf, signalAll } from '../support/process-tree.js';
import { beat, BOUND_MS, expectRecovery, limitedSettings, send } from './service-client.js';

const ROUNDS = 12;
const IN_A_ROUND = 10;
const ROUND_MS = 250;

interface Crowd {
  readonly heartbeats: readonly Answer[];
  readonly batches: readonly Answer[];
}

/** Describes what clients see from the first moment of an outage on, with the rate limits of production. */
export function describeOutageOnset(): void {
  describe('the first seconds of an outage', () => {
    let postgres: PostgresServer;
    let database: TestDatabase;
    let redis: RedisServer;
    let proxy: RedisProxy;
    let service: Service;

    beforeAll(async () => {
      [postgres, redis] = await Promise.all([startPostgresServer(), startRedisServer()]);
      proxy = await RedisProxy.start(redis.port);
      await prepareServer(postgres.ownerUrl);
      database = await createTestDatabase(postgres.ownerUrl);
      service = await startService({
        env: limitedSettings({ databaseUrl: database.serviceUrl, redis: proxy }),
      });
    });

    afterAll(async () => {
      const exitCode = await service?.stop();
      await proxy?.stop();
      await Promise.all([redis?.stop(), postgres?.stop()]);
      expect(exitCode).toBe(0);
    });

    /** Sends heartbeats and batches at the moment of the call and for three seconds on. */
    async function crowd(): Promise<Crowd> {
      const heartbeats: Promise<Answer>[] = [];
      const batches: Promise<Answer>[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        for (let i = 0; i < IN_A_ROUND; i++) {
          const body = { installId: `install-${randomUUID()}`, appVersion: '1', clientTs: nowSeconds() };
          const token = signToken({ userId: String(i + 1) });
          heartbeats.push(postJson(`${service.url}/presence/heartbeat`, body, { token }));
          batches.push(postJson(`${service.url}/analytics/events`, { events: [event()] }));
        }
        await sleep(ROUND_MS);
      }
      return { heartbeats: await Promise.all(heartbeats), batches: await Promise.all(batches) };
    }

    function expectTimely({ heartbeats, batches }: Crowd): void {
      const slowest = (answers: readonly Answer[]): number =>
        Math.max(...answers.map(({ milliseconds }) => milliseconds));
      expect(slowest(heartbeats)).toBeLessThan(BOUND_MS);
      expect(slowest(batches)).toBeLessThan(BOUND_MS);
    }

    const statusesOf = (answers: readonly Answer[]): Set<number> =>
      new Set(answers.map(({ status }) => status));

    async function expectAllRecovers(): Promise<void> {
      await expectRecovery(() => beat(service));
      await expectRecovery(() => send(service));
    }

    it('is answered in time and stores events while Redis is frozen', async () => {
      await expectAllRecovers();
      redis.pause();
      let answers: Crowd;
      try {
        answers = await crowd();
      } finally {
        redis.resume();
      }
      expectTimely(answers);
      expect(statusesOf(answers.heartbeats)).toEqual(new Set([503]));
      expect(statusesOf(answers.batches)).toEqual(new Set([200]));
      await expectAllRecovers();
    });

    it('ends by itself when the connections to Redis became silent', async () => {
      await expectAllRecovers();
      proxy.silence();
      const answers = await crowd();
      expectTimely(answers);
      expect(answers.heartbeats[0]!.status).toBe(503);
      expect(statusesOf(answers.batches)).toEqual(new Set([200]));
      await expectAllRecovers();
    });

    it('is answered in time while Redis and PostgreSQL are frozen together', async () => {
      await expectAllRecovers();
      const backends = childrenOf(postgres.pid);
      redis.pause();
      postgres.pause();
      signalAll(backends, 'SIGSTOP');
      let answers: Crowd;
      try {
        answers = await crowd();
      } finally {
        signalAll(backends, 'SIGCONT');
        postgres.resume();
        redis.resume();
      }
      expectTimely(answers);
      expect(statusesOf([...answers.heartbeats, ...answers.batches])).toEqual(new Set([503]));
      await expectAllRecovers();
    });
  });
}
