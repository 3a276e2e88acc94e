import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import jsonwebtoken from 'jsonwebtoken';
import { Actives } from '../../../../tools/simulation/actives.js';
import {
  ContractError,
  readBatchAnswer,
  readDau,
  readHeartbeatAnswer,
} from '../../../../tools/simulation/answers.js';
import { backoffMs } from '../../../../tools/simulation/backoff.js';
import { Histogram } from '../../../../tools/simulation/histogram.js';
import { HttpClient } from '../../../../tools/simulation/http-client.js';
import { TokenIssuer } from '../../../../tools/simulation/jwt.js';
import { Ledger, type Delivery } from '../../../../tools/simulation/ledger.js';
import { Limiter } from '../../../../tools/simulation/limiter.js';
import { HELP, parseOptions, UsageError } from '../../../../tools/simulation/options.js';
import type { DevicePlan, PlannedBatch } from '../../../../tools/simulation/plan.js';
import { Random } from '../../../../tools/simulation/random.js';
import { shanghaiDay } from '../../../../tools/simulation/shanghai-day.js';

const DEFAULTS = { seed: '42', runId: 'now', jwtSecret: 'secret' };

describe('the arguments', () => {
  it('have defaults', () => {
    expect(parseOptions([], DEFAULTS)).toMatchObject({
      devices: 2_000,
      durationMs: 60_000,
      speed: 1,
      concurrency: 64,
      seed: '42',
      runId: 'now',
      jwtSecret: 'secret',
    });
    expect(parseOptions([], DEFAULTS)?.url.href).toBe('http://127.0.0.1:3001/');
  });

  it('are read', () => {
    const argv =
      '--url https://example.org/api --devices 5 --duration 1.5 --speed 60 --seed x --run-id y --loss 0';
    expect(parseOptions(argv.split(' '), DEFAULTS)).toMatchObject({
      devices: 5,
      durationMs: 1_500,
      speed: 60,
      seed: 'x',
      runId: 'y',
      loss: 0,
    });
    expect(parseOptions(['--help'], DEFAULTS)).toBeUndefined();
  });

  it.each([
    ['--devices', '0'],
    ['--devices', '1.5'],
    ['--devices', 'many'],
    ['--duration', '-1'],
    ['--speed', '0.5'],
    ['--url', 'localhost:3001'],
    ['--url', 'nonsense'],
    ['--seed', ' '],
    ['--unknown', '1'],
    ['stray'],
    ['--devices'],
  ])('are refused: %s %s', (...argv) => {
    expect(() => parseOptions(argv, DEFAULTS)).toThrow(UsageError);
  });

  it('are all explained', () => {
    const options = Object.keys(parseOptions([], DEFAULTS) ?? {});
    expect(HELP.match(/^ {2}--/gm)).toHaveLength(options.length + 1);
  });
});

describe('a token', () => {
  it('is one that a library accepts, names the user and expires', () => {
    const nowMs = Date.now();
    const issuer = new TokenIssuer('secret', nowMs, 60_000);
    for (const [userId, claim] of [
      ['9007199254740993', 'sub'],
      ['9007199254740994', 'userId'],
    ] as const) {
      const token = issuer.forUser(userId);
      const claims = jsonwebtoken.verify(token, 'secret', { algorithms: ['HS256'] }) as Record<
        string,
        unknown
      >;
      expect(claims[claim]).toBe(userId);
      expect(claims['exp']).toBe(Math.floor(nowMs / 1000) + 60);
      expect(issuer.forUser(userId)).toBe(token);
    }
    expect(jsonwebtoken.verify(issuer.forAdmin('boss'), 'secret')).toMatchObject({ roles: ['boss'] });
  });
});

describe('a Shanghai day', () => {
  it('begins at 16:00 UTC', () => {
    expect(shanghaiDay(Date.parse('2025-03-09T15:59:59.999Z'))).toBe('2025-03-09');
    expect(shanghaiDay(Date.parse('2025-03-09T16:00:00.000Z'))).toBe('2025-03-10');
  });
});

describe('the histogram', () => {
  it('knows its percentiles to about a percent', () => {
    const histogram = new Histogram();
    expect(histogram.quantile(0.5)).toBe(0);
    for (let ms = 1; ms <= 1_000; ms += 1) histogram.record(ms);
    expect(Math.abs(histogram.quantile(0.5) - 500)).toBeLessThan(10);
    expect(Math.abs(histogram.quantile(0.99) - 990)).toBeLessThan(20);
  });
});

describe('the limiter', () => {
  it('runs no more than its limit at a time, in order, and frees the place of a task that fails', async () => {
    const limiter = new Limiter(3);
    let [running, most] = [0, 0];
    const order: number[] = [];
    const results = await Promise.allSettled(
      Array.from({ length: 3_000 }, (_, number) =>
        limiter.run(async () => {
          order.push(number);
          running += 1;
          most = Math.max(most, running);
          await Promise.resolve();
          running -= 1;
          if (number % 7 === 0) throw new Error('failed');
        }),
      ),
    );
    expect(results).toHaveLength(3_000);
    expect(most).toBe(3);
    expect(order).toEqual([...order].sort((left, right) => left - right));
  });
});

describe('the backoff', () => {
  it('grows, is spread, is bounded, and is never shorter than asked for', () => {
    const random = Random.from('backoff');
    const waits = (failures: number, retryAfterMs?: number): number[] =>
      Array.from({ length: 200 }, () => backoffMs(failures, retryAfterMs, random));
    expect(Math.max(...waits(1))).toBeLessThanOrEqual(250);
    expect(Math.min(...waits(4))).toBeGreaterThanOrEqual(1_000);
    expect(new Set(waits(3)).size).toBeGreaterThan(190);
    expect(Math.max(...waits(40))).toBeLessThanOrEqual(8_000);
    expect(Math.min(...waits(1, 3_000))).toBeGreaterThanOrEqual(3_000);
    expect(Math.max(...waits(1, 3_600_000))).toBeLessThanOrEqual(30_500);
  });
});

describe('the books of actives', () => {
  it('count an identity once in all, and once in each place', () => {
    const actives = new Actives();
    const day = '2025-03-10';
    actives.add({ day, identity: 'u:1', province: 'A', city: 'a' }, true);
    actives.add({ day, identity: 'u:1', province: 'A', city: 'b' }, true);
    actives.add({ day, identity: 'i:1', province: 'B' }, true);
    actives.add({ day, identity: 'i:2' }, true);
    const { total, byProvince, byCity } = actives.expected(day);
    expect(total).toEqual({ low: 3, high: 3 });
    expect([...byProvince.keys()]).toEqual(['A', 'B']);
    expect(byCity.get('b')).toEqual({ low: 1, high: 1 });
    expect(actives.expected('2025-03-11').total).toEqual({ low: 0, high: 0 });
  });

  it('widen by what is only possible', () => {
    const actives = new Actives();
    const day = '2025-03-10';
    actives.add({ day, identity: 'u:1', province: 'A' }, true);
    actives.add({ day, identity: 'u:1', province: 'B' }, false);
    actives.add({ day, identity: 'u:2', province: 'A' }, false);
    const { total, byProvince } = actives.expected(day);
    expect(total).toEqual({ low: 1, high: 2 });
    expect(byProvince.get('A')).toEqual({ low: 1, high: 2 });
    expect(byProvince.get('B')).toEqual({ low: 0, high: 1 });
  });
});

const DELIVERED: Delivery = {
  answered: true,
  mayHaveArrived: true,
  lastEndedMs: 10,
  answeredSentMs: 0,
  longestAttemptMs: 10,
};
const LOST: Delivery = { ...DELIVERED, answered: false, answeredSentMs: -Infinity };
const REFUSED: Delivery = { ...LOST, mayHaveArrived: false };
const MIDNIGHT = Date.parse('2025-03-11T00:00:00+08:00');

function session(atMs: number, clockErrorMs: number): [DevicePlan, PlannedBatch] {
  const batch: PlannedBatch = {
    dueMs: 0,
    credentials: 'none',
    tellsSentAt: true,
    gzip: false,
    losses: [],
    events: [{ atMs, name: 'app_session_start', eventId: 'e' }],
  };
  const device = {
    index: 0,
    installId: 'install-0',
    clockErrorMs,
    batches: [batch],
  } as unknown as DevicePlan;
  return [device, batch];
}

describe('the ledger', () => {
  const hour = 3_600_000;

  it('books the day that the service will find: corrected for a clock wrong by hours, as told for a small error', () => {
    const ledger = new Ledger(MIDNIGHT, 2_000);
    ledger.recordBatch(...session(-60_000, 5 * hour), DELIVERED);
    ledger.recordBatch(...session(-60_000, 120_000), DELIVERED);
    expect(ledger.actives.expected('2025-03-10').total).toEqual({ low: 1, high: 1 });
    expect(ledger.actives.expected('2025-03-11').total).toEqual({ low: 1, high: 1 });
  });

  it('leaves the day open where the way to the service decides it', () => {
    const ledger = new Ledger(MIDNIGHT, 2_000);
    ledger.recordBatch(...session(-1_000, 5 * hour), DELIVERED);
    expect(ledger.actives.expected('2025-03-10').total).toEqual({ low: 0, high: 1 });
    expect(ledger.actives.expected('2025-03-11').total).toEqual({ low: 0, high: 1 });
  });

  it('takes what was never answered as possible, and what never arrived as absent', () => {
    const ledger = new Ledger(MIDNIGHT, 2_000);
    ledger.recordBatch(...session(1_000, 0), LOST);
    expect(ledger.actives.expected('2025-03-11').total).toEqual({ low: 0, high: 1 });
    expect(ledger.events.unsent).toBe(1);
    const other = new Ledger(MIDNIGHT, 2_000);
    other.recordBatch(...session(1_000, 0), REFUSED);
    expect(other.actives.days()).toEqual([]);
  });

  it('counts a user online for 180 s after the last accepted heartbeat, once', () => {
    const ledger = new Ledger(0, 0);
    ledger.recordHeartbeat('1', DELIVERED);
    ledger.recordHeartbeat('1', { ...DELIVERED, answeredSentMs: 60_000, lastEndedMs: 60_005 });
    ledger.recordHeartbeat('2', DELIVERED);
    ledger.recordHeartbeat('3', LOST);
    ledger.recordHeartbeat('4', REFUSED);
    expect(ledger.online(100_000, 100_010, 180_000)).toEqual({ low: 2, high: 3 });
    expect(ledger.online(180_000, 180_010, 180_000)).toEqual({ low: 1, high: 3 });
    expect(ledger.online(200_000, 200_010, 180_000)).toEqual({ low: 1, high: 1 });
    expect(ledger.online(300_000, 300_010, 180_000)).toEqual({ low: 0, high: 0 });
  });
});

describe('the answers', () => {
  it('are read as the contract has them', () => {
    const rejected = [{ index: 2, code: 'X', message: 'x', field: 'y' }];
    expect(readBatchAnswer({ accepted: 1, duplicates: 0, failed: 1, rejected })).toEqual({
      accepted: 1,
      duplicates: 0,
      failed: 1,
      rejected: [{ index: 2, code: 'X' }],
    });
    expect(readDau({ data: [{ day: '2025-03-10', dauCount: 1, byCity: { a: 1 } }], total: 1 })).toEqual(
      new Map([['2025-03-10', { dauCount: 1, byProvince: new Map(), byCity: new Map([['a', 1]]) }]]),
    );
  });

  it.each([undefined, null, [], 'text', {}, { accepted: '1', duplicates: 0, failed: 0 }])(
    'are refused: %j',
    (body) => {
      expect(() => readBatchAnswer(body)).toThrow(ContractError);
      expect(() => readHeartbeatAnswer(body)).toThrow(ContractError);
      expect(() => readDau(body)).toThrow(ContractError);
    },
  );
});

describe('the HTTP client', () => {
  const open: { server: Server; client: HttpClient }[] = [];

  afterEach(async () => {
    for (const { server, client } of open.splice(0)) {
      client.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  async function clientOf(listener: RequestListener, timeoutMs = 5_000): Promise<HttpClient> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const client = new HttpClient(new URL(`http://127.0.0.1:${port}/base/`), 4, timeoutMs);
    open.push({ server, client });
    return client;
  }

  it('keeps the path of the base, compresses what is worth it, and reads what the answer says of time', async () => {
    const seen: unknown[] = [];
    const client = await clientOf((request, response) => {
      seen.push(request.url, request.headers['content-encoding'], request.headers.authorization);
      const date = 'Mon, 10 Mar 2025 00:00:00 GMT';
      response.writeHead(503, { date, 'retry-after': 'Mon, 10 Mar 2025 00:00:07 GMT' }).end('{"a":1}');
    });
    const request = { method: 'POST', path: '/x', gzip: true, token: 't' } as const;
    const outcome = await client.exchange({ ...request, body: 'x'.repeat(2_000) });
    await client.exchange({ ...request, body: 'short' });
    expect(outcome).toMatchObject({ kind: 'answer', status: 503, body: { a: 1 }, retryAfterMs: 7_000 });
    expect(seen).toEqual(['/base/x', 'gzip', 'Bearer t', '/base/x', undefined, 'Bearer t']);
  });

  it('ends a request on purpose, or when it takes too long', async () => {
    const client = await clientOf(() => undefined, 100);
    const request = { method: 'GET', path: '/' } as const;
    expect(await client.exchange({ ...request, abortAfterMs: 5 })).toMatchObject({
      reason: 'aborted',
      mayHaveArrived: true,
    });
    expect(await client.exchange(request)).toMatchObject({ reason: 'timeout', mayHaveArrived: true });
  });

  it('takes an answer that breaks off for none', async () => {
    const client = await clientOf((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{', () => response.destroy());
    });
    expect(await client.exchange({ method: 'GET', path: '/' })).toMatchObject({
      kind: 'no answer',
      mayHaveArrived: true,
    });
  });

  it('knows when nothing can have arrived', async () => {
    const client = new HttpClient(new URL('http://127.0.0.1:1'), 1, 1_000);
    expect(await client.exchange({ method: 'GET', path: '/' })).toMatchObject({
      reason: 'ECONNREFUSED',
      mayHaveArrived: false,
    });
  });
});
