import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { event, nowSeconds, shanghaiDay } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import { forgeToken, postJson, signToken, type Answer, type RequestOptions } from '../support/http.js';
import type { OwnerDatabase } from '../support/owner-database.js';
import { TEST_JWT_SECRET, type Service } from '../support/service.js';

const SHORT_INSTALL_ID =
  'installId must be a text of 8 to 128 characters, it is "short": send the id that the app made when it was installed';
const NO_UUID =
  'eventId must be a UUID, it is "not-a-uuid": make a random one for each event, or leave it out';
const MIB = 1024 * 1024;
const TWO_HOURS = 7200;
const NONE = { accepted: 0, duplicates: 0, failed: 0 };

let deployment: Deployment;
let service: Service;
let stored: OwnerDatabase;

beforeAll(async () => {
  deployment = await Deployment.create({ redis: true });
  ({ stored } = deployment);
  service = await deployment.start();
});

afterAll(async () => {
  expect(await deployment?.remove()).toEqual([0]);
});

function post(body: unknown, options: RequestOptions = {}): Promise<Answer> {
  return postJson(`${service.url}/analytics/events`, body, options);
}

function send(events: readonly unknown[], options: RequestOptions = {}): Promise<Answer> {
  return post({ events }, options);
}

describe('POST /analytics/events', () => {
  it('stores an anonymous event as it was sent', async () => {
    const sent = event({
      clientTs: Math.floor(nowSeconds()) - 59.877,
      properties: { os: 'HarmonyOS', province: '广东省', city: '深圳市', nested: { list: [1, null, '😀'] } },
    });
    const answer = await send([sent]);
    expect(answer).toMatchObject({ status: 200, body: { ...NONE, accepted: 1 } });
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await stored.events([sent.eventId])).toEqual([
      {
        eventId: sent.eventId,
        eventTime: new Date(Math.round(sent.clientTs * 1000)),
        userId: null,
        installId: sent.installId,
        eventName: 'app_session_start',
        properties: sent.properties,
      },
    ]);
    expect(
      await stored.rows(
        `SELECT level, place FROM analytics_daily_actives WHERE identity = $1 ORDER BY level`,
        [`i:${sent.installId}`],
      ),
    ).toEqual([
      { level: 0, place: '' },
      { level: 1, place: '广东省' },
      { level: 2, place: '深圳市' },
    ]);
  });

  it('stores every event of a batch under the user of the token', async () => {
    const [silent, named] = [event(), event({ userId: '77' })];
    const answer = await send([silent, named], { token: signToken({ userId: '77' }) });
    expect(answer).toMatchObject({ status: 200, body: { ...NONE, accepted: 2 } });
    expect(await stored.events([silent.eventId, named.eventId])).toMatchObject([
      { userId: '77' },
      { userId: '77' },
    ]);
  });

  it('reports accepted, duplicate and rejected events of one batch by their index', async () => {
    const again = event();
    await send([again]);
    const fresh = event();
    const rejectedId = randomUUID();
    const answer = await send([
      again,
      { ...event(), eventId: rejectedId, installId: 'short' },
      fresh,
      { ...event(), eventId: 'not-a-uuid' },
      fresh,
    ]);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      accepted: 1,
      duplicates: 2,
      failed: 2,
      errors: [`Event[1]: ${SHORT_INSTALL_ID}`, `Event[3]: ${NO_UUID}`],
      rejected: [
        {
          index: 1,
          eventId: rejectedId,
          code: 'install_id_invalid',
          field: 'installId',
          message: SHORT_INSTALL_ID,
        },
        {
          index: 3,
          eventId: 'not-a-uuid',
          code: 'event_id_invalid',
          field: 'eventId',
          message: NO_UUID,
        },
      ],
    });
    const rows = await stored.events([again.eventId, rejectedId, fresh.eventId]);
    expect(rows.map((row) => row?.installId)).toEqual([again.installId, undefined, fresh.installId]);
  });

  it('accepts 1,000 events without an eventId', async () => {
    const installId = `thousand-${randomUUID()}`;
    const { eventId: _, ...anonymous } = event({ installId });
    const answer = await send(Array.from({ length: 1000 }, () => anonymous));
    expect(answer).toMatchObject({ status: 200, body: { ...NONE, accepted: 1000 } });
    expect(
      await stored.rows('SELECT count(*)::int AS n FROM analytics_event_log WHERE install_id = $1', [
        installId,
      ]),
    ).toEqual([{ n: 1000 }]);
  });

  it('stores each event once when the same batch arrives 20 times at once', async () => {
    const events = Array.from({ length: 50 }, () => event());
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(events)));
    const totals = { accepted: 0, duplicates: 0 };
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      const verdict = body as typeof totals;
      totals.accepted += verdict.accepted;
      totals.duplicates += verdict.duplicates;
    }
    expect(totals).toEqual({ accepted: 50, duplicates: 19 * 50 });
    const ids = events.map(({ eventId }) => eventId);
    expect(
      await stored.rows(
        'SELECT count(*)::int AS n FROM analytics_event_log WHERE event_id = ANY ($1::uuid[])',
        [ids],
      ),
    ).toEqual([{ n: 50 }]);
  });

  it('treats an eventId in upper case as a duplicate of the same id in lower case', async () => {
    const sent = event();
    expect(await send([sent])).toMatchObject({ body: { ...NONE, accepted: 1 } });
    expect(await send([{ ...sent, eventId: sent.eventId.toUpperCase() }])).toMatchObject({
      body: { ...NONE, duplicates: 1 },
    });
  });

  it('accepts a gzip body', async () => {
    const sent = event();
    const answer = await post(undefined, {
      body: gzipSync(JSON.stringify({ events: [sent] })),
      headers: { 'content-encoding': 'gzip' },
    });
    expect(answer).toMatchObject({ status: 200, body: { ...NONE, accepted: 1 } });
    expect(await stored.events([sent.eventId])).toMatchObject([{ installId: sent.installId }]);
  });

  // RFC 9110, 8.4.1: coding names are case-insensitive, "x-gzip" equals "gzip", and "identity" means no coding.
  it.each([
    ['GZIP', gzipSync],
    ['x-gzip', gzipSync],
    ['identity', (text: string) => text],
  ])('accepts Content-Encoding: %s', async (encoding, encode) => {
    const body = encode(JSON.stringify({ events: [event()] }));
    const answer = await post(undefined, { body, headers: { 'content-encoding': encoding } });
    expect(answer).toMatchObject({ status: 200, body: { ...NONE, accepted: 1 } });
  });

  it('accepts a body of exactly 1 MiB', async () => {
    const sent = event();
    const json = JSON.stringify({ events: [sent], padding: '' });
    const answer = await post(json.replace('"padding":""', `"padding":"${'x'.repeat(MIB - json.length)}"`));
    expect(answer).toMatchObject({ status: 200, body: { ...NONE, accepted: 1 } });
  });
});

describe('clock skew of a device', () => {
  it.each([
    ['two hours ahead', TWO_HOURS],
    ['thirty days behind', -30 * 86_400],
  ])('is corrected by sentAt (%s), and a retry with another sentAt is a duplicate', async (_, offset) => {
    const before = nowSeconds();
    const sent = event({ clientTs: before + offset - 60 });
    const first = await post({ events: [sent], sentAt: before + offset });
    const elapsed = nowSeconds() - before;
    expect(first.body).toEqual({ ...NONE, accepted: 1 });
    const [row] = await stored.events([sent.eventId]);
    const age = before - row!.eventTime.getTime() / 1000;
    expect(age).toBeGreaterThan(60 - elapsed - 0.01);
    expect(age).toBeLessThan(60.01);

    const retries = await Promise.all([
      post({ events: [sent], sentAt: before + offset + 45 }),
      post({ events: [sent], sentAt: before + offset + 600 }),
      post({ events: [sent, event({ clientTs: before + offset })], sentAt: before + offset }),
    ]);
    expect(retries.map(({ body }) => body)).toMatchObject([
      { accepted: 0, duplicates: 1 },
      { accepted: 0, duplicates: 1 },
      { accepted: 1, duplicates: 1 },
    ]);
    const actives = 'SELECT day::text AS day FROM analytics_daily_actives WHERE identity = $1 AND level = 0';
    expect(await stored.rows(actives, [`i:${sent.installId}`])).toEqual([
      { day: shanghaiDay((before - 60) * 1000) },
    ]);
  });

  it('is not corrected below five minutes', async () => {
    const now = nowSeconds();
    const sent = event({ clientTs: Math.floor(now) + 200 });
    expect((await post({ events: [sent], sentAt: now + 240 })).body).toEqual({ ...NONE, accepted: 1 });
    expect(await stored.events([sent.eventId])).toMatchObject([
      { eventTime: new Date(sent.clientTs * 1000) },
    ]);
  });

  it('leads to rejection with event_in_future without sentAt', async () => {
    const answer = await send([event({ clientTs: nowSeconds() + TWO_HOURS })]);
    expect(answer.body).toMatchObject({ accepted: 0, failed: 1, rejected: [{ code: 'event_in_future' }] });
  });

  it('keeps an event a duplicate when the first attempt had no sentAt or the clock was set between two attempts', async () => {
    const now = nowSeconds();
    const sent = event({ clientTs: now - TWO_HOURS });
    expect((await send([sent])).body).toEqual({ ...NONE, accepted: 1 });
    expect((await post({ events: [sent], sentAt: now - TWO_HOURS + 10 })).body).toEqual({
      ...NONE,
      duplicates: 1,
    });
    expect((await post({ events: [sent], sentAt: now })).body).toEqual({ ...NONE, duplicates: 1 });
  });
});

describe('the token of a batch request', () => {
  const inAnHour = Math.floor(nowSeconds()) + 3600;
  const invalid: readonly (readonly [name: string, authorization: () => string, code: string])[] = [
    ['is not a JWT', () => 'Bearer nonsense', 'token_invalid'],
    ['is empty', () => 'Bearer ', 'token_missing'],
    ['uses another scheme', () => 'Basic dXNlcjpwYXNz', 'token_missing'],
    ['has expired', () => `Bearer ${signToken({ userId: '5' }, { expiresInSeconds: -60 })}`, 'token_expired'],
    [
      'never expires',
      () => `Bearer ${signToken({ userId: '5' }, { expiresInSeconds: null })}`,
      'token_invalid',
    ],
    [
      'is signed with another secret',
      () => `Bearer ${signToken({ userId: '5' }, { secret: 'x'.repeat(40) })}`,
      'token_invalid',
    ],
    [
      'is signed with another algorithm',
      () => `Bearer ${signToken({ userId: '5' }, { algorithm: 'HS512' })}`,
      'token_invalid',
    ],
    [
      'is not signed (alg: none)',
      () => `Bearer ${forgeToken({ alg: 'none', typ: 'JWT' }, { userId: '5', exp: inAnHour })}`,
      'token_invalid',
    ],
    [
      'claims alg: none although it is signed',
      () => `Bearer ${forgeToken({ alg: 'none' }, { userId: '5', exp: inAnHour }, TEST_JWT_SECRET)}`,
      'token_invalid',
    ],
    [
      'claims HS256 although it is not signed',
      () => `Bearer ${forgeToken({ alg: 'HS256' }, { userId: '5', exp: inAnHour })}`,
      'token_invalid',
    ],
    [
      'has a string as exp',
      () => `Bearer ${forgeToken({ alg: 'HS256' }, { userId: '5', exp: String(inAnHour) }, TEST_JWT_SECRET)}`,
      'token_invalid',
    ],
    ['names no user', () => `Bearer ${signToken({})}`, 'token_invalid'],
    ['names user 0', () => `Bearer ${signToken({ userId: '0' })}`, 'token_invalid'],
    ['names user "abc"', () => `Bearer ${signToken({ sub: 'abc' })}`, 'token_invalid'],
    ['names user 2^63', () => `Bearer ${signToken({ userId: '9223372036854775808' })}`, 'token_invalid'],
    ['names a fractional user id', () => `Bearer ${signToken({ userId: 42.5 })}`, 'token_invalid'],
  ];

  it.each(invalid)('returns 401 when the token %s, and stores nothing', async (_, authorization, code) => {
    const before = await stored.counts();
    const answer = await send([event()], { headers: { authorization: authorization() } });
    expectProblem(answer, 401, code);
    expect(answer.headers.get('www-authenticate')).toBe(
      code === 'token_missing' ? 'Bearer' : 'Bearer error="invalid_token"',
    );
    expect(await stored.counts()).toEqual(before);
  });

  it.each([
    ['userId, a decimal string', { userId: '9223372036854775807' }, '9223372036854775807'],
    ['userId, a number', { userId: 4711 }, '4711'],
    ['sub, a decimal string', { sub: '4712' }, '4712'],
    ['userId before sub', { userId: '4713', sub: '1' }, '4713'],
  ])('identifies the user by %s', async (_, claims, userId) => {
    const sent = event();
    expect(await send([sent], { token: signToken(claims) })).toMatchObject({
      status: 200,
      body: { accepted: 1 },
    });
    expect(await stored.events([sent.eventId])).toMatchObject([{ userId }]);
  });

  it('rejects an event of another user with user_id_mismatch and stores the other events', async () => {
    const [own, other, silent] = [event({ userId: '8' }), event({ userId: '9' }), event()];
    const answer = await send([own, other, silent], { token: signToken({ userId: '8' }) });
    expect(answer.body).toMatchObject({
      accepted: 2,
      duplicates: 0,
      failed: 1,
      rejected: [{ index: 1, eventId: other.eventId, code: 'user_id_mismatch', field: 'userId' }],
    });
    const rows = await stored.events([own.eventId, other.eventId, silent.eventId]);
    expect(rows.map((row) => row?.userId)).toEqual(['8', undefined, '8']);
  });
});
