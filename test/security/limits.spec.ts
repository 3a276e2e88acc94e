import { randomBytes, randomUUID } from 'node:crypto';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { event, nowSeconds } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { postJson, request, signToken, type Answer, type RequestOptions } from '../support/http.js';
import { sleep, waitFor } from '../support/processes.js';
import { startRedisServer, type RedisServer } from '../support/redis.js';
import { settings, startService, type Service } from '../support/service.js';
import { residentMib } from './support/process-memory.js';
import { exchange, RawConnection, type Exchange } from './support/wire.js';

const MIB = 1024 * 1024;
const PER_ADDRESS = 30;
const PER_INSTALL = 6;
/** No answer of these tests may take longer, outages and attacks included, on a machine that is busy. */
const BOUND_MS = 5_000;
/** The service gives a request 15 s and looks once a second. */
const CUT_OFF_MS = 25_000;

jest.setTimeout(60_000);

const JSON_BODY = { 'content-type': 'application/json' };
const GZIP = { ...JSON_BODY, 'content-encoding': 'gzip' };
const token = signToken({ userId: '5' });

let database: TestDatabase;
let redis: RedisServer;
/** Two of a kind, behind a proxy on this machine, with one Redis. */
let replicas: readonly [Service, Service];
/** Limited, alone, and with its proxies elsewhere. */
let alone: Service;
/** Without limits of requests, for all other limits. */
let open: Service;

beforeAll(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), startRedisServer()]);
  const databaseUrl = database.serviceUrl;
  const limits = {
    RATE_LIMIT_PER_ADDRESS: String(PER_ADDRESS),
    RATE_LIMIT_PER_INSTALL: String(PER_INSTALL),
  };
  const shared = {
    ...settings({ databaseUrl, redis }),
    ...limits,
    TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8',
  };
  const [one, other, single, unlimited] = await Promise.all([
    startService({ env: shared }),
    startService({ env: shared }),
    startService({ env: { ...settings({ databaseUrl }), ...limits, TRUSTED_PROXIES: '10.0.0.0/8' } }),
    startService({ env: { ...settings({ databaseUrl }), TRUSTED_PROXIES: '127.0.0.1' } }),
  ]);
  replicas = [one, other];
  alone = single;
  open = unlimited;
});

afterAll(async () => {
  await Promise.all([...(replicas ?? []), alone, open].map((service) => service?.stop()));
  await redis?.stop();
  await database?.drop();
});

let addresses = 0;

/** An address that no test has used, from the range for documentation. */
function freshAddress(): string {
  return `198.51.100.${++addresses}`;
}

function count(service: Service, address?: string): Promise<Answer> {
  return timely(
    request(`${service.url}/presence/online-count`, {
      token,
      headers: { ...(address !== undefined && { 'x-forwarded-for': address }) },
    }),
  );
}

function beat(service: Service, address: string, installId: string): Promise<Answer> {
  const body = { installId, appVersion: '1', clientTs: nowSeconds() };
  return timely(
    postJson(`${service.url}/presence/heartbeat`, body, { token, headers: { 'x-forwarded-for': address } }),
  );
}

function send(service: Service, body: unknown, options: RequestOptions = {}): Promise<Answer> {
  return timely(postJson(`${service.url}/analytics/events`, body, options));
}

async function timely(asked: Promise<Answer>): Promise<Answer> {
  const answer = await asked;
  expect({ text: answer.text, timely: answer.milliseconds < BOUND_MS }).toMatchObject({ timely: true });
  return answer;
}

/** One after the other: in which order they are counted matters. */
async function statuses(times: number, ask: (i: number) => Promise<Answer>): Promise<number[]> {
  const result: number[] = [];
  for (let i = 0; i < times; i++) result.push((await ask(i)).status);
  return result;
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

const full = (n: number): number[] => Array.from({ length: n }, () => 200);

describe('requests of one address', () => {
  it('are told how many are left, and refused beyond the limit, with the time to wait', async () => {
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
    // Another address has its own.
    expect((await count(service, freshAddress())).status).toBe(200);
  });

  it('are counted by all replicas together', async () => {
    const address = freshAddress();
    const outcome = await statuses(PER_ADDRESS + 10, (i) => count(replicas[i % 2]!, address));
    expect(outcome).toEqual([...full(PER_ADDRESS), ...Array.from({ length: 10 }, () => 429)]);
  });

  it('are counted whatever they ask for, before anything is read, and under every spelling', async () => {
    const [service] = replicas;
    const address = freshAddress();
    const headers = { 'x-forwarded-for': address };
    await statuses(PER_ADDRESS, (i) => request(`${service.url}/nothing-here/${i}`, { headers }));
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
    // A body of 1 MiB is not even looked at.
    const large = await send(service, '{"events":['.padEnd(MIB, ' '), { headers });
    expectProblem(large, 429, 'rate_limited');
  });

  it('never keep those out who watch over the service', async () => {
    const [service] = replicas;
    const address = freshAddress();
    await statuses(PER_ADDRESS + 1, () => count(service, address));
    expect((await count(service, address)).status).toBe(429);
    for (const path of ['/health/live', '/health/ready', '/metrics', '/metrics?x=1']) {
      for (let i = 0; i < PER_ADDRESS + 5; i++) {
        const answer = await request(`${service.url}${path}`, { headers: { 'x-forwarded-for': address } });
        expect(answer.status).toBe(200);
        expect(answer.headers.get('ratelimit-limit')).toBeNull();
      }
    }
  });

  it('are of the address that a trusted proxy saw, not of what the client claims in front of it', async () => {
    const [service] = replicas;
    const address = freshAddress();
    const outcome = await statuses(PER_ADDRESS + 5, (i) =>
      count(service, `203.0.113.${i}, ${i}.${i}.${i}.${i}, ${address}, 10.1.2.3`),
    );
    expect(outcome.slice(PER_ADDRESS)).toEqual([429, 429, 429, 429, 429]);
  });

  it.each([
    ['of one IPv6 network (/64)', (i: number) => `2001:db8:1:1:${i.toString(16)}::${i}`],
    ['of one IPv4 address, written as IPv6', (i: number) => (i % 2 ? '192.0.2.77' : '::ffff:192.0.2.77')],
  ])('%s are counted as one', async (_, address) => {
    const outcome = await statuses(PER_ADDRESS + 5, (i) => count(replicas[0], address(i)));
    expect(outcome).toEqual([...full(PER_ADDRESS), 429, 429, 429, 429, 429]);
  });

  it('of different IPv6 networks are counted apart', async () => {
    const outcome = await statuses(PER_ADDRESS + 5, (i) => count(replicas[0], `2001:db8:2:${i + 1}::1`));
    expect(outcome).toEqual(full(PER_ADDRESS + 5));
  });

  it('are known by the connection when it is not a trusted proxy’s: X-Forwarded-For is ignored', async () => {
    const outcome = await statuses(PER_ADDRESS + 5, (i) => count(alone, `198.51.100.${200 + i}`));
    expect(outcome).toEqual([...full(PER_ADDRESS), 429, 429, 429, 429, 429]);
    for (const header of ['x-real-ip', 'forwarded', 'x-client-ip', 'cf-connecting-ip', 'true-client-ip']) {
      const headers = { [header]: header === 'forwarded' ? 'for=198.51.100.99' : '198.51.100.99' };
      expect((await request(`${alone.url}/api/docs-json`, { headers })).status).toBe(429);
    }
  });
});

describe('requests of one install', () => {
  it('are limited wherever they come from, in heartbeats and batches alike', async () => {
    const installId = `install-${randomUUID()}`;
    const outcome = await statuses(PER_INSTALL + 3, (i) =>
      i % 2 === 0
        ? beat(replicas[i % 2]!, freshAddress(), installId)
        : send(
            replicas[i % 2]!,
            { events: [event({ installId })] },
            { headers: { 'x-forwarded-for': freshAddress() } },
          ),
    );
    expect(outcome).toEqual([...full(PER_INSTALL), 429, 429, 429]);
    const refused = await beat(replicas[0], freshAddress(), installId);
    expectProblem(refused, 429, 'rate_limited');
    expect(numbers(refused)).toMatchObject({ limit: PER_INSTALL, remaining: 0 });
    expect(refused.text).not.toContain(installId);
    expect((await beat(replicas[0], freshAddress(), `install-${randomUUID()}`)).status).toBe(200);
  });

  it('are told of the tighter of the two limits', async () => {
    const address = freshAddress();
    const first = await beat(replicas[0], address, `install-${randomUUID()}`);
    expect(numbers(first)).toMatchObject({ limit: PER_INSTALL, remaining: PER_INSTALL - 1 });
    await statuses(PER_ADDRESS - 3, () => count(replicas[0], address));
    const later = await beat(replicas[0], address, `install-${randomUUID()}`);
    expect(numbers(later)).toMatchObject({ limit: PER_ADDRESS, remaining: 1 });
  });

  it('are of one install also when blanks stand around its id, as they are stored', async () => {
    const installId = `install-${randomUUID()}`;
    const outcome = await statuses(PER_INSTALL + 2, (i) =>
      beat(replicas[0], freshAddress(), `${' '.repeat(i)}${installId}${'\t'.repeat(i)}`),
    );
    expect(outcome).toEqual([...full(PER_INSTALL), 429, 429]);
  });

  it.each<[string, (events: readonly unknown[]) => unknown]>([
    ['an installId beside the events', (events) => ({ installId: `install-${randomUUID()}`, events })],
    ['an event that is empty', (events) => ({ events: [{}, ...events] })],
    ['an event that is none', (events) => ({ events: [null, 1, [], ...events] })],
    [
      'an installId that is none',
      (events) => ({ events: [{ installId: {} }, { installId: '' }, ...events] }),
    ],
    [
      'an installId too short',
      (events) => ({ events: [{ installId: randomBytes(2).toString('hex') }, ...events] }),
    ],
    [
      'an installId too long',
      (events) => ({ events: [{ installId: randomBytes(100).toString('hex') }, ...events] }),
    ],
    [
      'an installId of control characters',
      (events) => ({ events: [{ installId: `${randomUUID()}\u0000` }, ...events] }),
    ],
  ])('are counted whatever stands before: %s', async (_, decoyed) => {
    const installId = `install-${randomUUID()}`;
    const outcome = await statuses(PER_INSTALL + 2, () =>
      send(replicas[0], decoyed([event({ installId })]), { headers: { 'x-forwarded-for': freshAddress() } }),
    );
    expect(outcome).toEqual([...full(PER_INSTALL), 429, 429]);
  });

  it('leave nothing in Redis that identifies a device, and nothing that stays', async () => {
    const installId = `install-${randomUUID()}`;
    await beat(replicas[0], freshAddress(), installId);
    const { Redis } = await import('ioredis');
    const client = new Redis({ host: redis.host, port: redis.port });
    try {
      const keys = (await client.keys('*')).filter((key) => key.includes('rate'));
      expect(keys.length).toBeGreaterThan(0);
      for (const key of keys) {
        expect(key).not.toContain('install-');
        const ttl = await client.pttl(key);
        expect({ key, expires: ttl > 0 && ttl <= 60_000 }).toEqual({ key, expires: true });
      }
    } finally {
      client.disconnect();
    }
  });
});

describe('when the Redis that counts', () => {
  const events = (): unknown => ({ events: [event()] });

  async function expectCountedLocally(service: Service): Promise<void> {
    const address = freshAddress();
    const headers = { 'x-forwarded-for': address };
    const outcome = await statuses(PER_ADDRESS + 5, () => send(service, events(), { headers }));
    expect(outcome).toEqual([...full(PER_ADDRESS), 429, 429, 429, 429, 429]);
    // By each for itself: the other one knows nothing of it.
    const other = replicas.find((replica) => replica !== service)!;
    expect((await send(other, events(), { headers })).status).toBe(200);
  }

  it('is frozen, requests go on, and are counted by each replica', async () => {
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
    // And afterwards by both together again.
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

  it('has crashed, requests go on, and are counted by each replica', async () => {
    await redis.kill();
    await expectCountedLocally(replicas[1]);
    await expectCountedLocally(replicas[0]);
  });
});

describe('what is too much is refused before it costs anything:', () => {
  const good = (): string => JSON.stringify({ events: [event()] });
  const padded = (length: number): string => good().padEnd(length, ' ');
  const heartbeat = (length: number): string =>
    JSON.stringify({ installId: 'install-of-limits', appVersion: '1', clientTs: nowSeconds() }).padEnd(
      length,
    );

  it('a batch of 1 MiB is taken, one byte more is not', async () => {
    expect((await send(open, padded(MIB))).status).toBe(200);
    expectProblem(await send(open, padded(MIB + 1)), 413, 'body_too_large');
  });

  it('a heartbeat of 4 KiB is taken, one byte more is not, however it is packed', async () => {
    const beatOf = (body: string | Uint8Array, headers: Readonly<Record<string, string>>): Promise<Answer> =>
      timely(request(`${open.url}/presence/heartbeat`, { method: 'POST', body, headers, token }));
    expect((await beatOf(heartbeat(4096), JSON_BODY)).status).toBe(200);
    expectProblem(await beatOf(heartbeat(4097), JSON_BODY), 413, 'body_too_large');
    expect((await beatOf(gzipSync(heartbeat(4096)), GZIP)).status).toBe(200);
    expectProblem(await beatOf(gzipSync(heartbeat(4097)), GZIP), 413, 'body_too_large');
    const slashed = await timely(
      request(`${open.url}/presence/heartbeat/`, {
        method: 'POST',
        body: heartbeat(4097),
        headers: JSON_BODY,
        token,
      }),
    );
    expect([404, 413]).toContain(slashed.status);
  });

  it('1,001 events', async () => {
    const events = Array.from({ length: 1001 }, () => event());
    expectProblem(await send(open, { events }), 400, 'batch_invalid');
  });

  it('headers of 20 KB, one or many', async () => {
    for (const headers of [
      `X-Long: ${'x'.repeat(20_000)}`,
      Array.from({ length: 3_000 }, (_, i) => `X-${i}: 1`).join('\r\n'),
      `Cookie: ${'a=b; '.repeat(4_000)}`,
    ]) {
      const { answers, closed } = await exchange(
        open.url,
        `GET /health/live HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n`,
      );
      expect(answers).toMatchObject([{ status: 431 }]);
      expect(JSON.parse(answers[0]!.text)).toMatchObject({ status: 431, code: 'headers_too_large' });
      expect(closed).toBe(true);
    }
  });

  it('a target of 20 KB', async () => {
    const { answers } = await exchange(
      open.url,
      `GET /health/live?${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    );
    expect(answers).toMatchObject([{ status: 431 }]);
  });

  it.each([
    ['100,000 brackets', '['.repeat(100_000), 'request_malformed'],
    ['100,000 brackets, closed', '['.repeat(100_000) + ']'.repeat(100_000), 'batch_invalid'],
    ['100,000 objects', '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000), 'batch_invalid'],
    ['500,000 brackets, closed', '['.repeat(500_000) + ']'.repeat(500_000), 'batch_invalid'],
    ['events 500,000 deep', `{"events":${'['.repeat(500_000)}${']'.repeat(500_000)}}`, null],
    ['a batch of nothing but commas', `{"events":[${','.repeat(1_000_000)}]}`, 'request_malformed'],
    ['a number of a million digits', `{"events":[],"sentAt":${'1'.repeat(1_000_000)}}`, 'batch_invalid'],
    ['a text of a million characters', `{"events":"${'x'.repeat(1_000_000)}"}`, 'batch_invalid'],
    ['a million escapes', `{"events":"${'\\u0000'.repeat(160_000)}"}`, 'batch_invalid'],
    ['100,000 keys', `{${Array.from({ length: 100_000 }, (_, i) => `"${i}":0`).join()}}`, 'batch_invalid'],
    [
      '100,000 times the same key',
      `{${Array.from({ length: 100_000 }, () => '"a":0').join()}}`,
      'batch_invalid',
    ],
    ['a million blanks', ' '.repeat(1_000_000), 'request_malformed'],
  ])('%s', async (_, body, code) => {
    const answer = await send(open, body);
    if (code === null) expect(answer).toMatchObject({ status: 200, body: { accepted: 0, failed: 1 } });
    else expectProblem(answer, 400, code);
    expect(answer.text.length).toBeLessThan(1_000);
  });

  it.each([
    ['properties with 1,000 keys', `{${Array.from({ length: 1_000 }, (_, i) => `"k${i}":0`).join()}}`],
    ['properties 17 levels deep', '{"a":'.repeat(17) + '{}' + '}'.repeat(17)],
    ['properties 100,000 levels deep', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['properties of 33 KiB', JSON.stringify({ a: 'x'.repeat(33 * 1024) })],
    ['properties with a list of 200,000', `{"a":[${Array.from({ length: 200_000 }, () => '0').join()}]}`],
    ['properties with a name of 40 KiB', JSON.stringify({ ['x'.repeat(40_000)]: 1 })],
  ])('%s', async (_, properties) => {
    const text = JSON.stringify(event()).replace(/}$/, `,"properties":${properties}}`);
    const answer = await send(open, `{"events":[${text}]}`);
    expect(answer).toMatchObject({
      status: 200,
      body: { accepted: 0, failed: 1, rejected: [{ code: 'properties_invalid' }] },
    });
  });

  it.each(['eventName', 'installId', 'userId', 'eventId', 'clientTs'])(
    'a million characters as %s',
    async (field) => {
      const answer = await send(open, { events: [{ ...event(), [field]: '9'.repeat(1_000_000) }] });
      expect(answer).toMatchObject({ status: 200, body: { accepted: 0, failed: 1 } });
      expect(answer.text.length).toBeLessThan(1_000);
    },
  );
});

describe('what unfolds', () => {
  const packed = (body: Uint8Array, headers: Readonly<Record<string, string>> = GZIP): Promise<Answer> =>
    timely(request(`${open.url}/analytics/events`, { method: 'POST', body, headers }));
  const good = (): string => JSON.stringify({ events: [event()] });

  it('to more than 1 MiB is refused', async () => {
    expectProblem(await packed(gzipSync(good().padEnd(MIB + 1, ' '))), 413, 'body_too_large');
  });

  it('to many times its size is refused below 1 MiB already', async () => {
    const ordinary = gzipSync(JSON.stringify({ events: Array.from({ length: 1000 }, () => event()) }));
    expect((await packed(ordinary)).status).toBe(200);
    const bomb = gzipSync(good().padEnd(900 * 1024, ' '));
    expect((900 * 1024) / bomb.length).toBeGreaterThan(400);
    expectProblem(await packed(bomb), 413, 'body_too_large');
  });

  it('to 200 MB, forty times at once, does not take the memory to do so', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * MIB, ' '), { level: 9 });
    const before = residentMib(open.pid);
    const answers = await Promise.all(Array.from({ length: 40 }, () => packed(bomb)));
    for (const answer of answers) expectProblem(answer, 413, 'body_too_large');
    expect(residentMib(open.pid) - before).toBeLessThan(200);
  });

  it('again inside is not unfolded twice', async () => {
    const inner = gzipSync(Buffer.alloc(100 * MIB, ' '));
    expectProblem(await packed(gzipSync(inner)), 400, 'request_malformed');
    for (const encoding of ['gzip, gzip', 'gzip,gzip', 'gzip, identity', 'br, gzip'])
      expectProblem(
        await packed(gzipSync(gzipSync(good())), { ...JSON_BODY, 'content-encoding': encoding }),
        415,
        'content_type_unsupported',
      );
  });

  it.each([
    ['cut short', () => gzipSync(good()).subarray(0, -9)],
    ['with its first byte alone', () => gzipSync(good()).subarray(0, 1)],
    ['with nothing in it', () => new Uint8Array(0)],
    ['unfolding to nothing', () => gzipSync('')],
    ['with a wrong checksum', () => Buffer.concat([gzipSync(good()).subarray(0, -8), Buffer.alloc(8, 1)])],
    ['with garbage in its middle', () => gzipSync(good().padEnd(5_000, 'x')).fill(0xff, 30, 60)],
    ['deflated and called gzip', () => deflateSync(good())],
    ['not folded at all', () => Buffer.from(good())],
  ])('gzip %s is malformed', async (_, body) => {
    expectProblem(await packed(body()), 400, 'request_malformed');
  });

  it.each([
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
    ['zstd', Buffer.from],
    ['compress', Buffer.from],
    ['x-unknown', Buffer.from],
    ['*', Buffer.from],
    ['gzip;q=1', gzipSync],
    ['../gzip', gzipSync],
  ] as const)('with the encoding %s is not supported', async (encoding, encode) => {
    const answer = await packed(encode(good()), { ...JSON_BODY, 'content-encoding': encoding });
    expectProblem(answer, 415, 'content_type_unsupported');
  });

  it.each([
    ['to 50 MB', Buffer.alloc(50 * MIB, ' ')],
    ['to many times its size, below 1 MiB', Buffer.from(good().padEnd(900 * 1024, ' '))],
  ])('%s in chunks of unannounced length is refused as well', async (_, text) => {
    const bomb = gzipSync(text, { level: 9 });
    expect(text.length / bomb.length).toBeGreaterThan(400);
    const head =
      'POST /analytics/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
      'Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n';
    const body = Buffer.concat([
      Buffer.from(`${bomb.length.toString(16)}\r\n`),
      bomb,
      Buffer.from('\r\n0\r\n\r\n'),
    ]);
    const { answers, milliseconds } = await exchange(open.url, Buffer.concat([Buffer.from(head), body]), {
      answers: 1,
    });
    expect(answers).toMatchObject([{ status: 413 }]);
    expect(milliseconds).toBeLessThan(BOUND_MS);
  });
});

describe('lengths that lie', () => {
  const post = (headers: string, body: string): string =>
    `POST /analytics/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`;

  it.each([
    ['too long by far', `Content-Length: ${MIB * 1024}`, '{"events":[]}', 413],
    ['beyond all numbers', `Content-Length: ${'9'.repeat(30)}`, '{}', 400],
    ['negative', 'Content-Length: -1', '{}', 400],
    ['no number', 'Content-Length: two', '{}', 400],
    ['hexadecimal', 'Content-Length: 0x2', '{}', 400],
    ['signed', 'Content-Length: +2', '{}', 400],
    ['two, different', 'Content-Length: 2\r\nContent-Length: 3', '{} ', 400],
    ['a list', 'Content-Length: 2, 2', '{}', 400],
    ['beside chunks', 'Content-Length: 2\r\nTransfer-Encoding: chunked', '2\r\n{}\r\n0\r\n\r\n', 400],
  ])('(%s) are refused at once', async (_, headers, body, status) => {
    const { answers, milliseconds } = await exchange(open.url, post(headers, body), { answers: 1 });
    expect(answers).toMatchObject([{ status }]);
    expect(milliseconds).toBeLessThan(BOUND_MS);
  });

  it('(too short) cut the body: what follows is no request, and the connection ends', async () => {
    const { answers, closed } = await exchange(open.url, post('Content-Length: 10', '{"events":[{"a":1}]}'));
    expect(answers.map(({ status }) => status)).toEqual([400, 400].slice(0, answers.length));
    expect(closed).toBe(true);
  });
});

describe('who takes their time', () => {
  /** Writes a byte now and then, until the service has had enough. */
  async function dribble(head: string, drip: string, everyMs: number): Promise<Exchange> {
    const connection = await RawConnection.open(open.url);
    connection.write(head);
    const timer = setInterval(() => connection.write(drip), everyMs);
    const result = await connection.settled({ timeoutMs: CUT_OFF_MS + 5_000 });
    clearInterval(timer);
    connection.destroy();
    return result;
  }

  const head = (headers: string): string =>
    `POST /analytics/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}`;
  const packedHead =
    head('Content-Length: 900000\r\nContent-Encoding: gzip\r\n\r\n') +
    gzipSync('{}').subarray(0, 10).toString('latin1');
  const attacks: readonly (readonly [name: string, head: string, drip: string])[] = [
    ['the request line', 'GET /', 'x'],
    ['the headers', head('X-Slow: '), 'x'],
    ['header after header', head(''), 'X-A: 1\r\n'],
    ['the body', head(`Content-Length: 900000\r\n\r\n{"events":[`), ' '],
    ['the body, in chunks', head('Transfer-Encoding: chunked\r\n\r\n'), '1\r\n \r\n'],
    ['a packed body', packedHead, ''],
    // Wrong from its second half on, and still coming: the answer is 400, and must be the end of it.
    ['a packed body that is none', `${packedHead.slice(0, -10)}\x1f\x8b`, '\x00'],
    ['the body after 100-continue', head(`Content-Length: 900000\r\nExpect: 100-continue\r\n\r\n`), ' '],
    ['the end of the body', head(`Content-Length: 14\r\n\r\n{"events":[]}`), ''],
    ['anything at all', '', ''],
  ];

  it('is cut off within 25 s, by 408 where there was a request to answer, and nobody waits for them', async () => {
    const slow = attacks.map(async ([name, start, drip]) => ({ name, ...(await dribble(start, drip, 500)) }));
    const crowd = await Promise.all(Array.from({ length: 400 }, () => RawConnection.open(open.url)));
    const others: number[] = [];
    let going = true;
    const asking = (async () => {
      while (going) {
        const answer = await send(open, { events: [event()] });
        expect(answer.status).toBe(200);
        others.push(answer.milliseconds);
        await sleep(200);
      }
    })();
    const results = await Promise.all(slow);
    const idle = await Promise.all(crowd.map((connection) => connection.settled({ timeoutMs: CUT_OFF_MS })));
    going = false;
    await asking;

    for (const { name, closed, milliseconds, answers } of results) {
      expect({ name, closed }).toEqual({ name, closed: true });
      expect(milliseconds).toBeLessThan(CUT_OFF_MS);
      for (const { status, text } of answers) {
        const isBroken = name.endsWith('that is none');
        expect({ name, status }).toEqual({ name, status: isBroken ? 400 : 408 });
        expect(JSON.parse(text)).toMatchObject({ code: isBroken ? 'request_malformed' : 'request_timeout' });
      }
    }
    expect(results.filter(({ answers }) => answers.length === 1).length).toBeGreaterThanOrEqual(7);
    expect(idle.filter(({ closed }) => !closed)).toEqual([]);
    expect(others.length).toBeGreaterThan(20);
  });

  it('and announces much does not keep others from sending', async () => {
    const greedy = await Promise.all(
      Array.from({ length: 150 }, async (_, i) => {
        const connection = await RawConnection.open(open.url);
        connection.write(
          i % 2 === 0
            ? head(`Content-Length: ${MIB}\r\n\r\n{"events":[`)
            : head('Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n'),
        );
        return connection;
      }),
    );
    try {
      await sleep(500);
      const outcome = await statuses(5, () => send(open, { events: [event()] }));
      expect(outcome).toEqual(full(5));
      expect((await request(`${open.url}/health/live`)).status).toBe(200);
    } finally {
      for (const connection of greedy) connection.destroy();
    }
    // Those who left give back what they had.
    await waitFor(async () => (await send(open, { events: [event()] })).status === 200, BOUND_MS);
  });

  /** Lets a crowd of one address send bodies that do not end, and looks what becomes of everybody else. */
  async function besiege(connections: number, begin: string, body: Uint8Array): Promise<void> {
    const before = residentMib(open.pid);
    const address = freshAddress();
    const crowd = await Promise.all(
      Array.from({ length: connections }, async () => {
        const connection = await RawConnection.open(open.url);
        connection.write(head(`X-Forwarded-For: ${address}\r\n${begin}`));
        return connection;
      }),
    );
    try {
      await sleep(200);
      for (const connection of crowd) connection.write(body);
      let peak = 0;
      const statusesOfOthers: number[] = [];
      for (let i = 0; i < 20; i++) {
        await sleep(100);
        const headers = { 'x-forwarded-for': freshAddress() };
        const batch = await send(open, { events: [event()] }, { headers });
        const health = await timely(request(`${open.url}/health/live`));
        statusesOfOthers.push(batch.status, health.status);
        peak = Math.max(peak, residentMib(open.pid));
      }
      expect(statusesOfOthers).toEqual(full(40));
      expect(peak - before).toBeLessThan(250);
      // Of all that they have sent, 64 MiB could stay: the others have given way, and know.
      const answers = (await Promise.all(crowd.map((each) => each.settled({ timeoutMs: 1 })))).flatMap(
        (each) => each.answers,
      );
      expect(answers.length).toBeGreaterThan(connections - 80);
      for (const { status, text } of answers) {
        expect(status).toBe(503);
        expect(JSON.parse(text)).toMatchObject({ code: 'overloaded' });
      }
    } finally {
      for (const connection of crowd) connection.destroy();
    }
  }

  it('and sends its MiB but for the last byte neither fills the memory nor keeps others out', async () => {
    await besiege(400, `Content-Length: ${MIB}\r\n\r\n`, Buffer.alloc(MIB - 1, ' '));
  });

  it('and sends little that unfolds to much, but for its end, does not do so either', async () => {
    const text = Buffer.concat([
      Buffer.from(randomBytes(6 * 1024).toString('latin1'), 'latin1'),
      Buffer.alloc(MIB - 6 * 1024, ' '),
    ]);
    const packed = gzipSync(text).subarray(0, -8);
    expect(text.length / packed.length).toBeLessThan(200);
    const chunk = Buffer.concat([
      Buffer.from(`${packed.length.toString(16)}\r\n`),
      packed,
      Buffer.from('\r\n'),
    ]);
    await besiege(400, 'Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n', chunk);
  });

  it('to read an answer does not keep places that others need', async () => {
    const batch = JSON.stringify({ events: [event()] });
    const lazy = await Promise.all(
      Array.from({ length: 80 }, async () => {
        const connection = await RawConnection.open(open.url);
        connection.pause();
        // More than the connection takes; what comes behind is answered and cannot be sent.
        connection.write(
          'GET /api/docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(10) +
            head(`Content-Length: ${batch.length}\r\n\r\n${batch}`),
        );
        return connection;
      }),
    );
    try {
      await sleep(2_000);
      expect(await statuses(5, () => send(open, { events: [event()] }))).toEqual(full(5));
    } finally {
      for (const connection of lazy) connection.destroy();
    }
  });

  it('reading the answer does not fill the memory', async () => {
    const before = residentMib(open.pid);
    const lazy = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const connection = await RawConnection.open(open.url);
        connection.pause();
        connection.write('GET /api/docs-json HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(200));
        return connection;
      }),
    );
    try {
      await sleep(2_000);
      expect((await request(`${open.url}/health/live`)).status).toBe(200);
      expect(residentMib(open.pid) - before).toBeLessThan(400);
    } finally {
      for (const connection of lazy) connection.destroy();
    }
  });
});
