import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { nowSeconds } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import { postJson, request, signToken, type Answer } from '../support/http.js';
import { startRedisServer, type RedisServer } from '../support/redis.js';
import { waitFor } from '../support/processes.js';
import type { Service } from '../support/service.js';

const KEY = 'the-key-of-the-gateways-of-the-platform';
const KEYED = { 'x-internal-api-key': KEY };
const PATH = '/internal/presence/heartbeats';
const SHARDS = 16;
const token = signToken({ userId: '1' });

let deployment: Deployment;
let redis: RedisServer;
let service: Service;

beforeAll(async () => {
  [deployment, redis] = await Promise.all([Deployment.create(), startRedisServer()]);
  service = await deployment.start({
    INTERNAL_API_KEY: KEY,
    REDIS_HOST: redis.host,
    REDIS_PORT: String(redis.port),
    REDIS_PRESENCE_SHARDS: String(SHARDS),
  });
});

afterAll(async () => {
  const exitCodes = await deployment?.remove();
  await redis?.stop();
  expect(exitCodes).toEqual([0]);
});

const report = (body: unknown, headers: Readonly<Record<string, string>> = KEYED): Promise<Answer> =>
  postJson(`${service.url}${PATH}`, body, { headers });

async function onlineCount(): Promise<number> {
  const { body } = await request(`${service.url}/presence/online-count`, { token });
  return (body as { count: number }).count;
}

const usersFrom = (
  first: number,
  count: number,
): { userId: string; installId: string; appVersion: string }[] =>
  Array.from({ length: count }, (_, i) => ({
    userId: String(first + i),
    installId: '龍'.repeat(128),
    appVersion: '2.4.0',
  }));

describe('POST /internal/presence/heartbeats', () => {
  it('raises the online count by exactly the accepted users, and gives each bad heartbeat its code', async () => {
    const before = await onlineCount();
    const heartbeats: unknown[] = usersFrom(1_000, 996);
    heartbeats.splice(10, 0, null, { userId: 7 }, { userId: '7', installId: 'short' });
    // A user on two devices counts once.
    heartbeats.push({ userId: '1000' });
    const since = Math.floor(nowSeconds());
    const { status, body } = await report({ heartbeats });
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        accepted: 997,
        failed: 3,
        serverTs: expect.any(Number),
        rejected: [
          { index: 10, code: 'heartbeat_invalid', message: expect.any(String) },
          { index: 11, code: 'user_id_invalid', field: 'userId', message: expect.any(String) },
          { index: 12, code: 'install_id_invalid', field: 'installId', message: expect.any(String) },
        ],
      },
    });
    expect((body as { serverTs: number }).serverTs).toBeGreaterThanOrEqual(since);
    expect(await onlineCount()).toBe(before + 996);
  });

  it('spreads users as single heartbeats do', async () => {
    const before = await onlineCount();
    await report({ heartbeats: usersFrom(50_000, 40) });
    const body = { installId: 'install-of-gateways', appVersion: '1', clientTs: nowSeconds() };
    for (let user = 50_000; user < 50_040; user++) {
      const answer = await postJson(`${service.url}/presence/heartbeat`, body, {
        token: signToken({ userId: String(user) }),
      });
      expect(answer.status).toBe(200);
    }
    expect(await onlineCount()).toBe(before + 40);
  });

  it.each([
    ['no body', undefined, 'batch_invalid'],
    ['an array', [{ userId: '1' }], 'batch_invalid'],
    ['no heartbeats', { events: [{ userId: '1' }] }, 'batch_invalid'],
    ['an empty array', { heartbeats: [] }, 'batch_invalid'],
    ['1,001 heartbeats', { heartbeats: usersFrom(1, 1001) }, 'batch_invalid'],
  ])('returns 400 for %s', async (_, body, code) => {
    expectProblem(await report(body ?? null), 400, code);
  });

  it('returns 401 without the key, also for the token of a user', async () => {
    const body = { heartbeats: usersFrom(900_000, 1) };
    const before = await onlineCount();
    expectProblem(await report(body, {}), 401, 'internal_key_invalid');
    expectProblem(await report(body, { authorization: `Bearer ${token}` }), 401, 'internal_key_invalid');
    expect(await onlineCount()).toBe(before);
  });

  it('returns 400 for a query parameter', async () => {
    const answer = await postJson(
      `${service.url}${PATH}?dryRun=true`,
      { heartbeats: [] },
      { headers: KEYED },
    );
    expectProblem(answer, 400, 'request_invalid');
  });

  it('returns 503 with Retry-After while Redis is frozen, and records the same request afterwards', async () => {
    const heartbeats = usersFrom(70_000, 100);
    const before = await onlineCount();
    redis.pause();
    try {
      expectProblem(await report({ heartbeats }), 503, 'redis_unavailable');
    } finally {
      redis.resume();
    }
    await waitFor(async () => (await report({ heartbeats })).status === 200, 30_000, {
      what: 'the heartbeats are recorded',
      intervalMs: 100,
    });
    expect(await onlineCount()).toBe(before + 100);
  });
});
