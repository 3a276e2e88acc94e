import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { postJson, request, signToken, type Answer, type RequestOptions } from '../support/http.js';
import type { TestRedis } from '../support/redis.js';
import type { Service } from '../support/service.js';
import { nowSeconds } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import type { OwnerDatabase } from '../support/owner-database.js';

const WINDOW_SECONDS = 180;
const ONLINE_USERS = 'presence:online_users';
const reader = signToken({ userId: '1' });

let deployment: Deployment;
let redis: TestRedis;
let service: Service;
let stored: OwnerDatabase;

beforeAll(async () => {
  deployment = await Deployment.create({ redis: true });
  ({ redis, stored } = deployment);
  service = await deployment.start();
});

afterAll(async () => {
  expect(await deployment?.remove()).toEqual([0]);
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
      isPartial: false,
      coverage: 1,
      windowSeconds: WINDOW_SECONDS,
      queriedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    },
  });
  return body as Awaited<ReturnType<typeof onlineCount>>;
}

describe('POST /presence/heartbeat', () => {
  beforeEach(() => redis.flush());

  it('counts each user once, whatever the number of heartbeats and devices', async () => {
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

  it('uses the clock of the server, not clientTs', async () => {
    for (const clientTs of [0, 4_000_000_000])
      expect(await beat('5', { ...heartbeat(), clientTs })).toMatchObject({ status: 200 });
    expect(Math.abs(Number(await redis.client.zscore(ONLINE_USERS, '5')) - nowSeconds())).toBeLessThan(5);
  });

  it('keeps a newer heartbeat when an older one arrives', async () => {
    // Clocks may differ by 5 s; an entry further in the future is replaced.
    const ahead = Math.floor(nowSeconds()) + 4;
    await redis.client.zadd(ONLINE_USERS, ahead, '6');
    expect((await beat('6')).status).toBe(200);
    expect(await redis.client.zscore(ONLINE_USERS, '6')).toBe(String(ahead));
  });

  it('keeps a user online for 179 s, not for 180 s', async () => {
    const now = Math.floor(nowSeconds());
    // One user for each second of age makes the result independent of the second of the response.
    const ages = Array.from({ length: 41 }, (_, i) => WINDOW_SECONDS - 20 + i);
    await redis.client.zadd(ONLINE_USERS, ...ages.flatMap((age, i) => [now - age, `${1000 + i}`]));
    const { count, queriedAt } = await onlineCount();
    const passed = Math.floor(Date.parse(queriedAt) / 1000) - now;
    expect(passed).toBeLessThan(15);
    // Heartbeats that are 179 s old count, those of 180 s and more do not.
    expect(count).toBe(ages.filter((age) => age + passed <= WINDOW_SECONDS - 1).length);
  });

  it('returns 401 without a valid token', async () => {
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
    ['an empty body', '', 400, 'request_malformed'],
    ['text that is not JSON', 'ping', 400, 'request_malformed'],
    ['null', 'null', 400, 'request_invalid'],
    ['a number', '5', 400, 'request_invalid'],
    ['a string', '"beat"', 400, 'request_invalid'],
    ['an array', '[]', 400, 'request_invalid'],
    ['an array of heartbeats', JSON.stringify([heartbeat()]), 400, 'request_invalid'],
    ['an empty object', '{}', 400, 'request_invalid'],
    ['a missing installId', JSON.stringify({ ...heartbeat(), installId: undefined }), 400, 'request_invalid'],
    [
      'a missing appVersion',
      JSON.stringify({ ...heartbeat(), appVersion: undefined }),
      400,
      'request_invalid',
    ],
    ['a missing clientTs', JSON.stringify({ ...heartbeat(), clientTs: undefined }), 400, 'request_invalid'],
    ['a clientTs string', JSON.stringify({ ...heartbeat(), clientTs: '1732685100' }), 400, 'request_invalid'],
    [
      'an infinite clientTs',
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
    [
      'a constant installId',
      JSON.stringify({ ...heartbeat(), installId: 'undefined' }),
      400,
      'install_id_constant',
    ],
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
  ])('rejects %s with %i %s', async (_, body, status, code) => {
    expectProblem(await beat('5', body), status, code);
    expect((await onlineCount()).count).toBe(0);
  });

  it('returns 415 for a form', async () => {
    const answer = await beat('5', 'installId=install-1', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expectProblem(answer, 415, 'content_type_unsupported');
  });

  it.each([
    ['an unknown field', { later: { deep: [1] } }],
    ['an unknown field nested 1,500 deep', { later: JSON.parse(nested(1500)) as unknown }],
    ['prototype keys', JSON.parse('{"__proto__":{"x":1},"constructor":{"prototype":{}}}') as object],
  ])('accepts %s', async (_, more) => {
    expect(await beat('5', { ...heartbeat(), ...more })).toMatchObject({ status: 200, body: { ok: true } });
  });
});

describe('GET /presence/online-history', () => {
  const HOUR = '2025-03-01T10:';

  beforeAll(async () => {
    // The snapshots cover 10:00 to 10:09 in Shanghai without 10:06, and 11:30.
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

  it('returns one point for each snapshot with interval=1m', async () => {
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

  it('aggregates to five minutes by default', async () => {
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

  it('aggregates to hours with interval=1h', async () => {
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

  it('includes its start and excludes its end', async () => {
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

  it('returns an empty list without a peak when there is no snapshot', async () => {
    const answer = await history({ startTime: '2024-03-01T00:00:00Z', endTime: '2024-03-02T00:00:00Z' });
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body).toEqual({ interval: '5m', data: [], total: 0 });
  });

  it.each([
    ['1m', '2025-01-08T00:00:00Z', '2025-01-08T00:00:01Z'],
    ['5m', '2025-02-05T00:00:00Z', '2025-02-05T00:01:00Z'],
    ['1h', '2026-01-02T00:00:00Z', '2026-01-02T00:00:01Z'],
  ])('limits the range with interval=%s', async (interval, longest, tooLong) => {
    const startTime = '2025-01-01T00:00:00Z';
    expect(await history({ startTime, endTime: longest, interval })).toMatchObject({ status: 200 });
    expectProblem(await history({ startTime, endTime: tooLong, interval }), 400, 'time_range_invalid');
  });

  const good = { startTime: TEN, endTime: TWELVE };
  it.each([
    ['missing times', {}, 'request_invalid'],
    ['a missing end', { startTime: TEN }, 'request_invalid'],
    ['an unknown interval', { ...good, interval: '2m' }, 'request_invalid'],
    ['an empty interval', { ...good, interval: '' }, 'request_invalid'],
    ['an inherited interval', { ...good, interval: 'constructor' }, 'request_invalid'],
    ['a day', { ...good, startTime: '2025-03-01' }, 'request_invalid'],
    ['a time without a zone', { ...good, startTime: '2025-03-01T10:00:00' }, 'request_invalid'],
    ['Unix seconds', { ...good, startTime: '1740794400' }, 'request_invalid'],
    ['30 February', { ...good, startTime: '2025-02-30T10:00:00Z' }, 'request_invalid'],
    ['a 25th hour', { ...good, startTime: '2025-03-01T25:00:00Z' }, 'request_invalid'],
    ['an impossible zone', { ...good, startTime: '2025-03-01T10:00:00+99:99' }, 'request_invalid'],
    ['a space instead of a plus', { ...good, startTime: '2025-03-01T10:00:00 08:00' }, 'request_invalid'],
    ['words', { ...good, endTime: 'now' }, 'request_invalid'],
    ['an end before its start', { startTime: TWELVE, endTime: TEN }, 'time_range_invalid'],
    ['an end at its start', { startTime: TEN, endTime: TEN }, 'time_range_invalid'],
    [
      'a range of 230 years',
      { startTime: '1970-01-01T00:00:00Z', endTime: '2199-12-31T23:59:59Z' },
      'time_range_invalid',
    ],
  ])('returns 400 for %s', async (_, parameters, code) => {
    expectProblem(await history(parameters), 400, code);
  });

  it('returns 400 for a repeated parameter', async () => {
    const query = `startTime=${encodeURIComponent(TEN)}&startTime=${encodeURIComponent(TEN)}&endTime=${encodeURIComponent(TWELVE)}`;
    expectProblem(
      await request(`${service.url}/presence/online-history?${query}`, { token: reader }),
      400,
      'request_invalid',
    );
  });

  it('returns 401 without a token', async () => {
    expectProblem(await request(`${service.url}/presence/online-history`), 401, 'token_missing');
  });
});
