import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { postJson, request, signToken, type Answer, type RequestOptions } from '../support/http.js';
import { createTestRedis, type TestRedis } from '../support/redis.js';
import { settings, startService, type Service } from '../support/service.js';
import { nowSeconds } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import { OwnerDatabase } from '../support/owner-database.js';

const WINDOW_SECONDS = 180;
const ONLINE_USERS = 'presence:online_users';
const reader = signToken({ userId: '1' });

let database: TestDatabase;
let redis: TestRedis;
let service: Service;
let stored: OwnerDatabase;

beforeAll(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), createTestRedis()]);
  service = await startService({ env: settings({ databaseUrl: database.serviceUrl, redis }) });
  stored = await OwnerDatabase.connect(database.ownerUrl);
});

afterAll(async () => {
  await stored?.close();
  const exitCode = await service?.stop();
  await redis?.close();
  await database?.drop();
  expect(exitCode).toBe(0);
});

function beat(userId: string, body: unknown = heartbeat(), options: RequestOptions = {}): Promise<Answer> {
  return postJson(`${service.url}/presence/heartbeat`, body, { token: signToken({ userId }), ...options });
}

function heartbeat(): { installId: string; appVersion: string; clientTs: number } {
  return { installId: 'install-of-heartbeats', appVersion: '1.2.3', clientTs: nowSeconds() };
}

async function onlineCount(): Promise<{ count: number; windowSeconds: number; queriedAt: string }> {
  const { status, body } = await request(`${service.url}/presence/online-count`, { token: reader });
  expect({ status, body }).toEqual({
    status: 200,
    body: {
      count: expect.any(Number),
      windowSeconds: WINDOW_SECONDS,
      queriedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    },
  });
  return body as Awaited<ReturnType<typeof onlineCount>>;
}

describe('a heartbeat', () => {
  beforeEach(() => redis.flush());

  it('makes its user online, each user once', async () => {
    expect((await onlineCount()).count).toBe(0);
    const before = Math.floor(nowSeconds());
    const answer = await beat('9007199254740993');
    expect(answer).toMatchObject({ status: 200, body: { ok: true, serverTs: expect.any(Number) } });
    const { serverTs } = answer.body as { serverTs: number };
    expect(serverTs).toBeGreaterThanOrEqual(before);
    expect(serverTs).toBeLessThanOrEqual(nowSeconds());
    expect((await onlineCount()).count).toBe(1);

    await beat('9007199254740992');
    expect((await onlineCount()).count).toBe(2);
    await Promise.all(
      Array.from({ length: 5 }, () =>
        beat('9007199254740993', { ...heartbeat(), installId: 'another-device' }),
      ),
    );
    expect((await onlineCount()).count).toBe(2);
    expect(await redis.client.zscore(ONLINE_USERS, '9007199254740993')).not.toBeNull();
  });

  it('goes by the server’s clock, whatever the device says', async () => {
    for (const clientTs of [0, 4_000_000_000])
      expect(await beat('5', { ...heartbeat(), clientTs })).toMatchObject({ status: 200 });
    expect(Math.abs(Number(await redis.client.zscore(ONLINE_USERS, '5')) - nowSeconds())).toBeLessThan(5);
  });

  it('never makes a user seem to have been seen earlier', async () => {
    const ahead = Math.floor(nowSeconds()) + 60;
    await redis.client.zadd(ONLINE_USERS, ahead, '6');
    expect((await beat('6')).status).toBe(200);
    expect(await redis.client.zscore(ONLINE_USERS, '6')).toBe(String(ahead));
  });

  it('keeps its user online for less than 180 s', async () => {
    const now = Math.floor(nowSeconds());
    // One user for each second of age, so that it does not matter in which second the answer is made.
    const ages = Array.from({ length: 41 }, (_, i) => WINDOW_SECONDS - 20 + i);
    await redis.client.zadd(ONLINE_USERS, ...ages.flatMap((age, i) => [now - age, `${1000 + i}`]));
    const { count, queriedAt } = await onlineCount();
    const passed = Math.floor(Date.parse(queriedAt) / 1000) - now;
    expect(passed).toBeLessThan(15);
    // 179 s old counts, 180 and 181 do not.
    expect(count).toBe(ages.filter((age) => age + passed <= WINDOW_SECONDS - 1).length);
  });

  it('needs a token', async () => {
    const send = (options: RequestOptions) =>
      postJson(`${service.url}/presence/heartbeat`, heartbeat(), options);
    expectProblem(await send({}), 401, 'token_missing');
    expectProblem(await send({ token: 'nonsense' }), 401, 'token_invalid');
    expectProblem(
      await send({ token: signToken({ userId: '5' }, { expiresInSeconds: -60 }) }),
      401,
      'token_expired',
    );
    expect((await onlineCount()).count).toBe(0);
  });

  const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
  it.each([
    ['nothing', '', 400, 'request_malformed'],
    ['no JSON', 'ping', 400, 'request_malformed'],
    ['null', 'null', 400, 'request_invalid'],
    ['a number', '5', 400, 'request_invalid'],
    ['a text', '"beat"', 400, 'request_invalid'],
    ['an array', '[]', 400, 'request_invalid'],
    ['an array of heartbeats', JSON.stringify([heartbeat()]), 400, 'request_invalid'],
    ['an empty object', '{}', 400, 'request_invalid'],
    ['no installId', JSON.stringify({ ...heartbeat(), installId: undefined }), 400, 'request_invalid'],
    ['no appVersion', JSON.stringify({ ...heartbeat(), appVersion: undefined }), 400, 'request_invalid'],
    ['no clientTs', JSON.stringify({ ...heartbeat(), clientTs: undefined }), 400, 'request_invalid'],
    ['clientTs as text', JSON.stringify({ ...heartbeat(), clientTs: '1732685100' }), 400, 'request_invalid'],
    [
      'an endless clientTs',
      JSON.stringify(heartbeat()).replace(/"clientTs":[\d.]+/, '"clientTs":1e400'),
      400,
      'request_invalid',
    ],
    [
      'a long appVersion',
      JSON.stringify({ ...heartbeat(), appVersion: '1'.repeat(65) }),
      400,
      'request_invalid',
    ],
    ['installId as an object', JSON.stringify({ ...heartbeat(), installId: {} }), 400, 'request_invalid'],
    ['a short installId', JSON.stringify({ ...heartbeat(), installId: 'short' }), 400, 'install_id_invalid'],
    [
      'an installId of 129',
      JSON.stringify({ ...heartbeat(), installId: 'x'.repeat(129) }),
      400,
      'install_id_invalid',
    ],
    [
      'an installId with NUL',
      JSON.stringify({ ...heartbeat(), installId: 'install\u0000id' }),
      400,
      'install_id_invalid',
    ],
    ['an array 2,000 deep', nested(2000), 400, 'request_invalid'],
    ['an installId 2,000 deep', `{"installId":${nested(2000)}}`, 400, 'request_invalid'],
    ['more than 4 KiB', JSON.stringify({ ...heartbeat(), padding: 'x'.repeat(4096) }), 413, 'body_too_large'],
  ])('with %s is refused', async (_, body, status, code) => {
    expectProblem(await beat('5', body), status, code);
    expect((await onlineCount()).count).toBe(0);
  });

  it('as a form is refused', async () => {
    const answer = await beat('5', 'installId=install-1', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expectProblem(answer, 415, 'content_type_unsupported');
  });

  it.each([
    ['a field of a newer app', { later: { deep: [1] } }],
    ['something nested 1,500 deep', { later: JSON.parse(nested(1500)) as unknown }],
    [
      'keys that are not a heartbeat’s to have',
      JSON.parse('{"__proto__":{"x":1},"constructor":{"prototype":{}}}') as object,
    ],
  ])('may carry %s', async (_, more) => {
    expect(await beat('5', { ...heartbeat(), ...more })).toMatchObject({ status: 200, body: { ok: true } });
  });
});

describe('online history', () => {
  const HOUR = '2025-03-01T10:';

  beforeAll(async () => {
    // 10:00 to 10:09 Shanghai time, the seventh minute missing; then one in the next hour.
    const counts = [10, 12, 11, 15, 14, 9, undefined, 15, 13, 8];
    const values = counts.flatMap((count, minute) =>
      count === undefined ? [] : [`('${HOUR}0${minute}:00+08', ${count})`],
    );
    await stored.rows(
      `INSERT INTO analytics_online_snapshots (ts, online_count) VALUES ${values.join()}, ('2025-03-01T11:30:00+08', 3)`,
    );
  });

  function history(parameters: Readonly<Record<string, string>>): Promise<Answer> {
    return request(`${service.url}/presence/online-history?${new URLSearchParams(parameters).toString()}`, {
      token: reader,
    });
  }

  const TEN = '2025-03-01T10:00:00+08:00';
  const TWELVE = '2025-03-01T12:00:00+08:00';

  it('shows every minute that has a snapshot', async () => {
    const { status, body } = await history({
      startTime: TEN,
      endTime: '2025-03-01T10:09:00+08:00',
      interval: '1m',
    });
    const point = (minute: number, n: number) => ({
      ts: `2025-03-01T02:0${minute}:00.000Z`,
      onlineCount: n,
      min: n,
      avg: n,
      max: n,
      samples: 1,
    });
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        interval: '1m',
        data: [10, 12, 11, 15, 14, 9].map((n, minute) => point(minute, n)).concat(point(7, 15), point(8, 13)),
        peak: { ts: '2025-03-01T02:03:00.000Z', onlineCount: 15 },
        total: 8,
      },
    });
  });

  it('shows five minutes at a time unless asked otherwise', async () => {
    const expected = {
      interval: '5m',
      data: [
        { ts: '2025-03-01T02:00:00.000Z', onlineCount: 15, min: 10, avg: 12.4, max: 15, samples: 5 },
        { ts: '2025-03-01T02:05:00.000Z', onlineCount: 15, min: 8, avg: 11.25, max: 15, samples: 4 },
        { ts: '2025-03-01T03:30:00.000Z', onlineCount: 3, min: 3, avg: 3, max: 3, samples: 1 },
      ],
      peak: { ts: '2025-03-01T02:03:00.000Z', onlineCount: 15 },
      total: 3,
    };
    expect((await history({ startTime: TEN, endTime: TWELVE })).body).toEqual(expected);
    expect((await history({ startTime: TEN, endTime: TWELVE, interval: '5m' })).body).toEqual(expected);
    expect(
      (await history({ startTime: '2025-03-01T02:00Z', endTime: '2025-03-01T04:00:00.000Z' })).body,
    ).toEqual(expected);
  });

  it('shows hours', async () => {
    expect((await history({ startTime: TEN, endTime: TWELVE, interval: '1h' })).body).toEqual({
      interval: '1h',
      data: [
        { ts: '2025-03-01T02:00:00.000Z', onlineCount: 15, min: 8, avg: 11.89, max: 15, samples: 9 },
        { ts: '2025-03-01T03:00:00.000Z', onlineCount: 3, min: 3, avg: 3, max: 3, samples: 1 },
      ],
      peak: { ts: '2025-03-01T02:03:00.000Z', onlineCount: 15 },
      total: 2,
    });
  });

  it('holds its start and not its end', async () => {
    const answer = await history({
      startTime: `${HOUR}07:00+08:00`,
      endTime: `${HOUR}08:00+08:00`,
      interval: '1m',
    });
    expect(answer.body).toMatchObject({
      data: [{ ts: '2025-03-01T02:07:00.000Z', onlineCount: 15 }],
      total: 1,
    });
  });

  it('may be empty, and then has no peak', async () => {
    const answer = await history({ startTime: '2024-03-01T00:00:00Z', endTime: '2024-03-02T00:00:00Z' });
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body).toEqual({ interval: '5m', data: [], total: 0 });
  });

  it.each([
    ['1m', '2025-01-08T00:00:00Z', '2025-01-08T00:00:01Z'],
    ['5m', '2025-02-05T00:00:00Z', '2025-02-05T00:01:00Z'],
    ['1h', '2026-01-02T00:00:00Z', '2026-01-02T00:00:01Z'],
  ])('at %s has a longest span', async (interval, longest, tooLong) => {
    const startTime = '2025-01-01T00:00:00Z';
    expect(await history({ startTime, endTime: longest, interval })).toMatchObject({ status: 200 });
    expectProblem(await history({ startTime, endTime: tooLong, interval }), 400, 'time_range_invalid');
  });

  const good = { startTime: TEN, endTime: TWELVE };
  it.each([
    ['no times', {}, 'request_invalid'],
    ['no end', { startTime: TEN }, 'request_invalid'],
    ['an unknown interval', { ...good, interval: '2m' }, 'request_invalid'],
    ['an empty interval', { ...good, interval: '' }, 'request_invalid'],
    ['an inherited interval', { ...good, interval: 'constructor' }, 'request_invalid'],
    ['a day', { ...good, startTime: '2025-03-01' }, 'request_invalid'],
    ['a time without a zone', { ...good, startTime: '2025-03-01T10:00:00' }, 'request_invalid'],
    ['Unix seconds', { ...good, startTime: '1740794400' }, 'request_invalid'],
    ['30 February', { ...good, startTime: '2025-02-30T10:00:00Z' }, 'request_invalid'],
    ['a 25th hour', { ...good, startTime: '2025-03-01T25:00:00Z' }, 'request_invalid'],
    ['a zone beyond all zones', { ...good, startTime: '2025-03-01T10:00:00+99:99' }, 'request_invalid'],
    ['a blank for its plus', { ...good, startTime: '2025-03-01T10:00:00 08:00' }, 'request_invalid'],
    ['words', { ...good, endTime: 'now' }, 'request_invalid'],
    ['its end before its start', { startTime: TWELVE, endTime: TEN }, 'time_range_invalid'],
    ['its end at its start', { startTime: TEN, endTime: TEN }, 'time_range_invalid'],
    [
      'all of time',
      { startTime: '1970-01-01T00:00:00Z', endTime: '2199-12-31T23:59:59Z' },
      'time_range_invalid',
    ],
  ])('cannot be asked for with %s', async (_, parameters, code) => {
    expectProblem(await history(parameters), 400, code);
  });

  it('cannot be asked for with a key twice', async () => {
    const query = `startTime=${encodeURIComponent(TEN)}&startTime=${encodeURIComponent(TEN)}&endTime=${encodeURIComponent(TWELVE)}`;
    expectProblem(
      await request(`${service.url}/presence/online-history?${query}`, { token: reader }),
      400,
      'request_invalid',
    );
  });

  it('needs a token', async () => {
    expectProblem(await request(`${service.url}/presence/online-history`), 401, 'token_missing');
  });
});
