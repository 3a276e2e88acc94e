import { randomBytes, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { event, nowSeconds } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import { postJson, request, signToken, type Answer, type RequestOptions } from '../support/http.js';
import { waitFor } from '../support/processes.js';
import { startRedisServer, type RedisServer } from '../support/redis.js';
import { settings, type Service } from '../support/service.js';
import { allOk, expectTimely, freshAddress, statusesOf } from './support/timely.js';
import { exchange } from './support/wire.js';

const MIB = 1024 * 1024;
const PER_ADDRESS = 30;
const PER_INSTALL = 6;

jest.setTimeout(60_000);

const token = signToken({ userId: '5' });

let deployment: Deployment;
let redis: RedisServer;
/** two replicas behind a proxy on this machine, with one Redis */
let replicas: readonly [Service, Service];
/** a service without Redis whose trusted proxies are on other machines */
let alone: Service;

beforeAll(async () => {
  [deployment, redis] = await Promise.all([Deployment.create(), startRedisServer()]);
  const limits = {
    RATE_LIMIT_PER_ADDRESS: String(PER_ADDRESS),
    RATE_LIMIT_PER_INSTALL: String(PER_INSTALL),
  };
  const shared = { ...settings({ redis }), ...limits, TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8' };
  const [one, other, single] = await Promise.all([
    deployment.start(shared),
    deployment.start(shared),
    deployment.start({ ...limits, TRUSTED_PROXIES: '10.0.0.0/8' }),
  ]);
  replicas = [one, other];
  alone = single;
});

afterAll(async () => {
  await deployment?.remove();
  await redis?.stop();
});

function count(service: Service, address?: string): Promise<Answer> {
  return expectTimely(
    request(`${service.url}/presence/online-count`, {
      token,
      headers: { ...(address !== undefined && { 'x-forwarded-for': address }) },
    }),
  );
}

function beat(service: Service, address: string, installId: string): Promise<Answer> {
  const body = { installId, appVersion: '1', clientTs: nowSeconds() };
  return expectTimely(
    postJson(`${service.url}/presence/heartbeat`, body, { token, headers: { 'x-forwarded-for': address } }),
  );
}

function send(service: Service, body: unknown, options: RequestOptions = {}): Promise<Answer> {
  return expectTimely(postJson(`${service.url}/analytics/events`, body, options));
}

function numbers(answer: Answer): Record<string, number | null> {
  const value = (name: string): number | null => {
    const text = answer.headers.get(name);
    return text === null ? null : Number(text);
  };
  return {
    limit: value('ratelimit-limit'),
    remaining: value('ratelimit-remaining'),
    reset: value('ratelimit-reset'),
    retryAfter: value('retry-after'),
  };
}

describe('rate limit of an address', () => {
  it('returns the remaining requests, then 429 with the time to wait', async () => {
    const [service] = replicas;
    const address = freshAddress();
    for (let i = 1; i <= PER_ADDRESS; i++) {
      const answer = await count(service, address);
      expect(answer.status).toBe(200);
      const { limit, remaining, reset, retryAfter } = numbers(answer);
      expect({ limit, remaining, retryAfter }).toEqual({
        limit: PER_ADDRESS,
        remaining: PER_ADDRESS - i,
        retryAfter: null,
      });
      expect(reset).toBeGreaterThan(0);
      expect(reset).toBeLessThanOrEqual(60);
    }
    const refused = await count(service, address);
    expectProblem(refused, 429, 'rate_limited');
    const { limit, remaining, reset, retryAfter } = numbers(refused);
    expect({ limit, remaining }).toEqual({ limit: PER_ADDRESS, remaining: 0 });
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(60);
    expect(retryAfter).toBe(reset);
    // Another address has a limit of its own.
    expect((await count(service, freshAddress())).status).toBe(200);
  });

  it('is shared by all replicas', async () => {
    const address = freshAddress();
    const outcome = await statusesOf(PER_ADDRESS + 10, (i) => count(replicas[i % 2]!, address));
    expect(outcome).toEqual([...allOk(PER_ADDRESS), ...Array.from({ length: 10 }, () => 429)]);
  });

  it('counts every route, method and spelling of a path before the body is read', async () => {
    const [service] = replicas;
    const address = freshAddress();
    const headers = { 'x-forwarded-for': address };
    await statusesOf(PER_ADDRESS, (i) => request(`${service.url}/nothing-here/${i}`, { headers }));
    const paths = [
      '/presence/online-count',
      '/presence/online-count/',
      '//presence/online-count',
      '/%70resence/online-count',
      '/health/../presence/online-count',
      '/health/..%2fpresence/online-count',
      '/health/live/../../presence/online-count',
      '/metrics/../presence/online-count',
      '/metrics?/../presence/online-count',
      '/presence/online-count?/health/live',
      '/presence/online-count#/health/live',
      '/Presence/Online-Count',
      `http://service/presence/online-count`,
      `http://service/health/../presence/online-count`,
      'http://health/presence/online-count',
      '/api/docs',
      '/api/docs-json',
    ];
    for (const path of paths) {
      const { answers } = await exchange(
        service.url,
        `GET ${path} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${address}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
      );
      const isFigure = answers[0]!.status === 200 && answers[0]!.text.includes('"count"');
      expect({ path, isFigure }).toEqual({ path, isFigure: false });
      if (!/^\/(health\/|metrics)/.test(path)) expect([400, 429]).toContain(answers[0]!.status);
    }
    for (const method of ['HEAD', 'OPTIONS', 'DELETE', 'PUT'])
      expect((await request(`${service.url}/presence/online-count`, { method, headers })).status).toBe(429);
    // The service answers without reading a body of 1 MiB.
    const large = await send(service, '{"events":['.padEnd(MIB, ' '), { headers });
    expectProblem(large, 429, 'rate_limited');
  });

  it('exempts health checks and metrics', async () => {
    const [service] = replicas;
    const address = freshAddress();
    await statusesOf(PER_ADDRESS + 1, () => count(service, address));
    expect((await count(service, address)).status).toBe(429);
    for (const path of ['/health/live', '/health/ready', '/metrics', '/metrics?x=1']) {
      for (let i = 0; i < PER_ADDRESS + 5; i++) {
        const answer = await request(`${service.url}${path}`, { headers: { 'x-forwarded-for': address } });
        expect(answer.status).toBe(200);
        expect(answer.headers.get('ratelimit-limit')).toBeNull();
      }
    }
  });

  it('counts the address that a trusted proxy saw, not the one that the client claims', async () => {
    const [service] = replicas;
    const address = freshAddress();
    const outcome = await statusesOf(PER_ADDRESS + 5, (i) =>
      count(service, `203.0.113.${i}, ${i}.${i}.${i}.${i}, ${address}, 10.1.2.3`),
    );
    expect(outcome.slice(PER_ADDRESS)).toEqual([429, 429, 429, 429, 429]);
  });

  it.each([
    ['addresses of one IPv6 network (/64)', (i: number) => `2001:db8:1:1:${i.toString(16)}::${i}`],
    ['an IPv4 address and its IPv6 notation', (i: number) => (i % 2 ? '192.0.2.77' : '::ffff:192.0.2.77')],
  ])('counts %s together', async (_, address) => {
    const outcome = await statusesOf(PER_ADDRESS + 5, (i) => count(replicas[0], address(i)));
    expect(outcome).toEqual([...allOk(PER_ADDRESS), 429, 429, 429, 429, 429]);
  });

  it('counts different IPv6 networks separately', async () => {
    const outcome = await statusesOf(PER_ADDRESS + 5, (i) => count(replicas[0], `2001:db8:2:${i + 1}::1`));
    expect(outcome).toEqual(allOk(PER_ADDRESS + 5));
  });

  it('ignores X-Forwarded-For when the connection does not come from a trusted proxy', async () => {
    const outcome = await statusesOf(PER_ADDRESS + 5, (i) => count(alone, `198.51.100.${200 + i}`));
    expect(outcome).toEqual([...allOk(PER_ADDRESS), 429, 429, 429, 429, 429]);
    for (const header of ['x-real-ip', 'forwarded', 'x-client-ip', 'cf-connecting-ip', 'true-client-ip']) {
      const headers = { [header]: header === 'forwarded' ? 'for=198.51.100.99' : '198.51.100.99' };
      expect((await request(`${alone.url}/api/docs-json`, { headers })).status).toBe(429);
    }
  });
});

describe('rate limit of an install', () => {
  it('counts heartbeats and batches of all addresses together', async () => {
    const installId = `install-${randomUUID()}`;
    const outcome = await statusesOf(PER_INSTALL + 3, (i) =>
      i % 2 === 0
        ? beat(replicas[i % 2]!, freshAddress(), installId)
        : send(
            replicas[i % 2]!,
            { events: [event({ installId })] },
            { headers: { 'x-forwarded-for': freshAddress() } },
          ),
    );
    expect(outcome).toEqual([...allOk(PER_INSTALL), 429, 429, 429]);
    const refused = await beat(replicas[0], freshAddress(), installId);
    expectProblem(refused, 429, 'rate_limited');
    expect(numbers(refused)).toMatchObject({ limit: PER_INSTALL, remaining: 0 });
    expect(refused.text).not.toContain(installId);
    expect((await beat(replicas[0], freshAddress(), `install-${randomUUID()}`)).status).toBe(200);
  });

  it('reports the tighter of the two limits', async () => {
    const address = freshAddress();
    const first = await beat(replicas[0], address, `install-${randomUUID()}`);
    expect(numbers(first)).toMatchObject({ limit: PER_INSTALL, remaining: PER_INSTALL - 1 });
    await statusesOf(PER_ADDRESS - 3, () => count(replicas[0], address));
    const later = await beat(replicas[0], address, `install-${randomUUID()}`);
    expect(numbers(later)).toMatchObject({ limit: PER_ADDRESS, remaining: 1 });
  });

  it('ignores white space around the install id', async () => {
    const installId = `install-${randomUUID()}`;
    const outcome = await statusesOf(PER_INSTALL + 2, (i) =>
      beat(replicas[0], freshAddress(), `${' '.repeat(i)}${installId}${'\t'.repeat(i)}`),
    );
    expect(outcome).toEqual([...allOk(PER_INSTALL), 429, 429]);
  });

  it.each<[string, (events: readonly unknown[]) => unknown]>([
    ['an installId beside the events', (events) => ({ installId: `install-${randomUUID()}`, events })],
    ['an event that is empty', (events) => ({ events: [{}, ...events] })],
    ['an event that is not an object', (events) => ({ events: [null, 1, [], ...events] })],
    [
      'an installId that is not a string',
      (events) => ({ events: [{ installId: {} }, { installId: '' }, ...events] }),
    ],
    [
      'a short installId',
      (events) => ({ events: [{ installId: randomBytes(2).toString('hex') }, ...events] }),
    ],
    [
      'a long installId',
      (events) => ({ events: [{ installId: randomBytes(100).toString('hex') }, ...events] }),
    ],
    [
      'an installId with control characters',
      (events) => ({ events: [{ installId: `${randomUUID()}\u0000` }, ...events] }),
    ],
  ])('counts the install of the first valid event behind %s', async (_, decoyed) => {
    const installId = `install-${randomUUID()}`;
    const outcome = await statusesOf(PER_INSTALL + 2, () =>
      send(replicas[0], decoyed([event({ installId })]), { headers: { 'x-forwarded-for': freshAddress() } }),
    );
    expect(outcome).toEqual([...allOk(PER_INSTALL), 429, 429]);
  });

  it('stores only expiring keys without install ids in Redis', async () => {
    const installId = `install-${randomUUID()}`;
    await beat(replicas[0], freshAddress(), installId);
    const { Redis } = await import('ioredis');
    const client = new Redis({ host: redis.host, port: redis.port });
    try {
      const keys = (await client.keys('*')).filter((key) => key.includes('rate'));
      expect(keys.length).toBeGreaterThan(0);
      for (const key of keys) {
        expect(key).toMatch(/^rate:(address:[\da-f.:]+|install:[\w-]+)$/);
        expect(key).not.toMatch(/install-|undefined/);
        const ttl = await client.pttl(key);
        expect({ key, expires: ttl > 0 && ttl <= 60_000 }).toEqual({ key, expires: true });
      }
    } finally {
      client.disconnect();
    }
  });
});

describe('rate limits while Redis is unavailable', () => {
  const events = (): unknown => ({ events: [event()] });

  async function expectCountedLocally(service: Service): Promise<void> {
    const address = freshAddress();
    const headers = { 'x-forwarded-for': address };
    const outcome = await statusesOf(PER_ADDRESS + 5, () => send(service, events(), { headers }));
    expect(outcome).toEqual([...allOk(PER_ADDRESS), 429, 429, 429, 429, 429]);
    // Each replica counts on its own.
    const other = replicas.find((replica) => replica !== service)!;
    expect((await send(other, events(), { headers })).status).toBe(200);
  }

  it('are counted by each replica while Redis is frozen, and shared again afterwards', async () => {
    redis.pause();
    try {
      const crowd = Array.from({ length: 40 }, () =>
        send(replicas[0], events(), { headers: { 'x-forwarded-for': freshAddress() } }),
      );
      for (const { status } of await Promise.all(crowd)) expect(status).toBe(200);
      await expectCountedLocally(replicas[0]);
    } finally {
      redis.resume();
    }
    // Both replicas share their counts again after a while.
    await waitFor(
      async () => {
        const address = freshAddress();
        await count(replicas[0], address);
        const answer = await count(replicas[1], address);
        return numbers(answer)['remaining'] === PER_ADDRESS - 2;
      },
      20_000,
      { what: 'the replicas count together again', intervalMs: 500 },
    );
  });

  it('are counted by each replica after Redis has crashed', async () => {
    await redis.kill();
    await expectCountedLocally(replicas[1]);
    await expectCountedLocally(replicas[0]);
  });
});
