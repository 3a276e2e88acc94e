import { randomUUID } from 'node:crypto';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  forgeToken,
  postJson,
  request,
  signToken,
  type Answer,
  type RequestOptions,
} from '../support/http.js';
import { createTestRedis, type TestRedis } from '../support/redis.js';
import { settings, startService, TEST_JWT_SECRET, type Service } from '../support/service.js';
import { event, nowSeconds, shanghaiDay, type WireEvent } from '../support/events.js';
import { expectNoInsides, expectProblem } from '../support/expect-problem.js';
import { OwnerDatabase } from '../support/owner-database.js';

const MIB = 1024 * 1024;
const TWO_HOURS = 7200;

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

function post(body: unknown, options: RequestOptions = {}): Promise<Answer> {
  return postJson(`${service.url}/analytics/events`, body, options);
}

function send(events: readonly unknown[], options: RequestOptions = {}): Promise<Answer> {
  return post({ events }, options);
}

function nestedArrays(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

function nestedObjects(levels: number): string {
  return '{"a":'.repeat(levels - 1) + '{}' + '}'.repeat(levels - 1);
}

const NONE = { accepted: 0, duplicates: 0, failed: 0 };

describe('a batch', () => {
  it('is stored as it was sent, anonymously', async () => {
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

  it('of a user is stored under the user of the token', async () => {
    const [silent, named] = [event(), event({ userId: '77' })];
    const answer = await send([silent, named], { token: signToken({ userId: '77' }) });
    expect(answer).toMatchObject({ status: 200, body: { ...NONE, accepted: 2 } });
    expect(await stored.events([silent.eventId, named.eventId])).toMatchObject([
      { userId: '77' },
      { userId: '77' },
    ]);
  });

  it('gets a verdict for each of its events, in their order', async () => {
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
      errors: [
        'Event[1]: installId must have 8 to 128 characters, it has 5',
        'Event[3]: eventId must be a UUID, other than the nil and the max UUID',
      ],
      rejected: [
        {
          index: 1,
          eventId: rejectedId,
          code: 'install_id_invalid',
          field: 'installId',
          message: 'installId must have 8 to 128 characters, it has 5',
        },
        {
          index: 3,
          eventId: 'not-a-uuid',
          code: 'event_id_invalid',
          field: 'eventId',
          message: 'eventId must be a UUID, other than the nil and the max UUID',
        },
      ],
    });
    const rows = await stored.events([again.eventId, rejectedId, fresh.eventId]);
    expect(rows.map((row) => row?.installId)).toEqual([again.installId, undefined, fresh.installId]);
  });

  it('may hold a thousand events, and none of them need an id', async () => {
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

  it('sent twenty times at once is stored once', async () => {
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

  it('takes one id in either case for the same', async () => {
    const sent = event();
    expect(await send([sent])).toMatchObject({ body: { ...NONE, accepted: 1 } });
    expect(await send([{ ...sent, eventId: sent.eventId.toUpperCase() }])).toMatchObject({
      body: { ...NONE, duplicates: 1 },
    });
  });

  it('may come gzipped', async () => {
    const sent = event();
    const answer = await post(undefined, {
      body: gzipSync(JSON.stringify({ events: [sent] })),
      headers: { 'content-encoding': 'gzip' },
    });
    expect(answer).toMatchObject({ status: 200, body: { ...NONE, accepted: 1 } });
    expect(await stored.events([sent.eventId])).toMatchObject([{ installId: sent.installId }]);
  });

  // RFC 9110, 8.4.1: names of codings know no case, "x-gzip" is "gzip", and "identity" is none.
  it.each([
    ['GZIP', gzipSync],
    ['x-gzip', gzipSync],
    ['identity', (text: string) => text],
  ])('may come with the encoding %s', async (encoding, encode) => {
    const body = encode(JSON.stringify({ events: [event()] }));
    const answer = await post(undefined, { body, headers: { 'content-encoding': encoding } });
    expect(answer).toMatchObject({ status: 200, body: { ...NONE, accepted: 1 } });
  });

  it('of almost 1 MiB is accepted', async () => {
    const sent = event();
    const json = JSON.stringify({ events: [sent], padding: '' });
    const answer = await post(json.replace('"padding":""', `"padding":"${'x'.repeat(MIB - json.length)}"`));
    expect(answer).toMatchObject({ status: 200, body: { ...NONE, accepted: 1 } });
  });
});

interface BadRequest {
  readonly name: string;
  readonly body: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;
  readonly code: string;
}

describe('an envelope is refused as a whole and nothing of it is stored:', () => {
  const JSON_BODY = { 'content-type': 'application/json' };
  const GZIP = { ...JSON_BODY, 'content-encoding': 'gzip' };
  const good = JSON.stringify({ events: [event()] });
  const withSentAt = (sentAt: string): string => `{"sentAt":${sentAt},${good.slice(1)}`;
  const withPadding = (length: number): string => good.replace('}]', `,"padding":"${'x'.repeat(length)}"}]`);
  const refusing =
    (status: number, code: string) =>
    (
      name: string,
      body: string | Uint8Array,
      headers: Readonly<Record<string, string>> = JSON_BODY,
    ): BadRequest => ({
      name,
      body,
      headers,
      status,
      code,
    });
  const malformed = refusing(400, 'request_malformed');
  const invalid = refusing(400, 'batch_invalid');
  const tooLarge = refusing(413, 'body_too_large');
  const unsupported = refusing(415, 'content_type_unsupported');

  const cases: readonly BadRequest[] = [
    malformed('no JSON', 'events=1'),
    malformed('JSON cut short', good.slice(0, -2)),
    malformed('JSON with NaN', '{"events":[NaN]}'),
    malformed('an empty body', ''),
    malformed('something that is not gzip', good, GZIP),
    malformed('gzip cut short', gzipSync(good).subarray(0, -12), GZIP),

    unsupported('a form', 'events=1', { 'content-type': 'application/x-www-form-urlencoded' }),
    unsupported('a multipart form', '--x--', { 'content-type': 'multipart/form-data; boundary=x' }),
    unsupported('plain text', good, { 'content-type': 'text/plain' }),
    unsupported('XML', '<events/>', { 'content-type': 'application/xml' }),
    unsupported('no content type', good, {}),
    unsupported('brotli', brotliCompressSync(good), { ...JSON_BODY, 'content-encoding': 'br' }),
    unsupported('an unknown encoding', good, { ...JSON_BODY, 'content-encoding': 'rot13' }),

    invalid('an array', '[]'),
    invalid('a number', '5'),
    invalid('a text', '"events"'),
    invalid('null', 'null'),
    invalid('no events', '{}'),
    invalid('events that are null', '{"events":null}'),
    invalid('events that are an object', '{"events":{"0":{},"length":1}}'),
    invalid('events that are a text', '{"events":"many"}'),
    invalid('0 events', '{"events":[]}'),
    invalid('1001 events', JSON.stringify({ events: Array.from({ length: 1001 }, () => event()) })),
    invalid('sentAt as text', withSentAt('"1732685160"')),
    invalid('sentAt in milliseconds', withSentAt(String(Date.now()))),
    invalid('a negative sentAt', withSentAt('-1')),
    invalid('an endless sentAt', withSentAt('1e400')),
    invalid('sentAt as an object', withSentAt('{}')),
    invalid('an array nested 100,000 deep', nestedArrays(100_000)),
    invalid('events nested 100,000 deep', `{"events":${nestedObjects(100_000)}}`),

    tooLarge('more than 1 MiB', withPadding(MIB)),
    tooLarge('more than 1 MiB, gzipped', gzipSync(withPadding(MIB)), GZIP),
    tooLarge('5 MiB, gzipped to a few KB', gzipSync(withPadding(5 * MIB)), GZIP),
    tooLarge('5 MiB of blanks, gzipped', gzipSync(Buffer.alloc(5 * MIB, ' ')), GZIP),
  ];

  it.each(cases)('$name', async ({ body, headers, status, code }) => {
    const before = await stored.counts();
    const answer = await request(`${service.url}/analytics/events`, { method: 'POST', body, headers });
    expectProblem(answer, status, code);
    expect(await stored.counts()).toEqual(before);
  });

  it('a request without any body', async () => {
    expectProblem(await request(`${service.url}/analytics/events`, { method: 'POST' }), 400, 'batch_invalid');
  });

  it('a body of more than 1 MiB whose length is not announced', async () => {
    const before = await stored.counts();
    // The connection may be closed while the rest is still being sent; then there is no answer to read.
    const response = await fetch(`${service.url}/analytics/events`, {
      method: 'POST',
      headers: JSON_BODY,
      body: new Blob([withPadding(2 * MIB)]).stream(),
      duplex: 'half',
    }).then(
      ({ status }) => status,
      () => 413,
    );
    expect(response).toBe(413);
    expect(await stored.counts()).toEqual(before);
  });
});

interface EventCase {
  readonly name: string;
  /** how the event stands in the batch */
  readonly json: (base: WireEvent) => string;
  /** the rejection's; undefined: accepted */
  readonly code?: string;
  /** what is stored of an accepted one */
  readonly row?: Readonly<Record<string, unknown>>;
}

/** An event with one field left out (undefined), replaced, or replaced by raw JSON that no serialiser would write. */
function withField(field: string, value: unknown): (base: WireEvent) => string {
  return (base) => {
    if (!(value instanceof RawJson)) return JSON.stringify({ ...base, [field]: value });
    return `${JSON.stringify({ ...base, [field]: undefined }).slice(0, -1)},"${field}":${value.text}}`;
  };
}

class RawJson {
  constructor(readonly text: string) {}
}

function inWords(value: unknown): string {
  const text = value instanceof RawJson ? value.text : JSON.stringify(value);
  if (text === undefined) return 'left out';
  return text.length <= 48 ? text : `${text.slice(0, 24)}… (${text.length} characters)`;
}

describe('an event is judged for itself, its neighbours are stored:', () => {
  const now = nowSeconds();
  const rejected = (field: string, code: string, values: readonly unknown[]): EventCase[] =>
    values.map((value) => ({ name: `${field} ${inWords(value)}`, json: withField(field, value), code }));
  /** @param values pairs of what is sent and what is stored of it */
  const accepted = (
    field: string,
    column: string,
    values: readonly (readonly [unknown, unknown])[],
  ): EventCase[] =>
    values.map(([value, kept]) => ({
      name: `${field} ${inWords(value)} is fine`,
      json: withField(field, value),
      row: { [column]: kept },
    }));
  const keptAsSent = <T>(values: readonly T[]): (readonly [T, T])[] => values.map((value) => [value, value]);
  const raw = (text: string): RawJson => new RawJson(text);

  const cases: readonly EventCase[] = [
    ...rejected('userId', 'user_id_invalid', [
      'abc',
      '-1',
      '0',
      '007',
      '1.5',
      '1e3',
      ' 5',
      '１２',
      5,
      {},
      [],
    ]),
    ...rejected('userId', 'user_id_invalid', ['9223372036854775808', '9'.repeat(10_000)]),
    ...accepted('userId', 'userId', [
      ['9223372036854775807', '9223372036854775807'],
      ['1', '1'],
      [null, null],
      ['', null],
    ]),

    ...rejected('installId', 'install_id_invalid', [undefined, null, 12_345_678, 'a234567', 'x'.repeat(129)]),
    ...rejected('installId', 'install_id_invalid', ['📱'.repeat(129), ' '.repeat(10), '  a234567  ']),
    ...rejected('installId', 'install_id_invalid', ['install\u0000id', 'install\u001bid', 'install-\ud83d']),
    ...accepted('installId', 'installId', keptAsSent(['a2345678', 'x'.repeat(128), '📱'.repeat(128)])),
    ...accepted('installId', 'installId', [[' \tpadded-id\n', 'padded-id']]),

    ...rejected('eventName', 'event_name_invalid', [undefined, null, '', '   ', 'e'.repeat(65), 'app start']),
    ...rejected('eventName', 'event_name_invalid', ['1st', 'naïve', 'a\u0000b', 7, ['app_session_start']]),
    ...accepted('eventName', 'eventName', [
      ['e'.repeat(64), 'e'.repeat(64)],
      ['  App_Opened ', 'app_opened'],
    ]),

    ...rejected('clientTs', 'client_ts_invalid', [
      undefined,
      null,
      true,
      String(now),
      'NaN',
      raw('1e400'),
      1e300,
    ]),
    ...rejected('clientTs', 'client_ts_invalid', [Math.floor(now * 1000), -1, -0.001]),
    ...rejected('clientTs', 'event_too_old', [0, 86_400, now - 7 * 86_400 - 60]),
    ...rejected('clientTs', 'event_in_future', [now + 86_400, now + 3600, 99_999_999_999]),
    ...accepted('clientTs', 'eventTime', [
      [1000 * Math.floor(now / 1000), new Date(1000_000 * Math.floor(now / 1000))],
      [Math.floor(now) + 500.25, new Date((Math.floor(now) + 500.25) * 1000)],
      [Math.floor(now) - 7 * 86_400 + 600, new Date((Math.floor(now) - 7 * 86_400 + 600) * 1000)],
    ]),

    ...rejected('properties', 'properties_invalid', ['{}', 5, true, [], [{}]]),
    ...rejected('properties', 'properties_invalid', [
      { a: 'x\u0000y' },
      { 'x\u0000y': 1 },
      { a: [{ b: '\udc00' }] },
    ]),
    ...rejected(
      'properties',
      'properties_invalid',
      [17, 1000, 100_000].map((depth) => raw(nestedObjects(depth))),
    ),
    ...rejected('properties', 'properties_invalid', [
      raw(`{"a":${nestedArrays(100_000)}}`),
      raw('{"n":1e400}'),
    ]),
    ...rejected('properties', 'properties_invalid', [{ a: 'x'.repeat(500_000) }, { a: '字'.repeat(11_000) }]),
    ...rejected('properties', 'properties_invalid', [
      Object.fromEntries(Array.from({ length: 513 }, (_, i) => [`k${i}`, i])),
    ]),
    ...rejected('properties', 'properties_invalid', [
      { province: '省'.repeat(129) },
      { city: '市'.repeat(129) },
    ]),
    ...accepted(
      'properties',
      'properties',
      keptAsSent([null, {}, { a: '\\u0000 \\ud800' }, { province: 44, city: null }]),
    ),
    ...accepted('properties', 'properties', [
      [raw(nestedObjects(16)), JSON.parse(nestedObjects(16))],
      [{ a: 'x'.repeat(32_000) }, { a: 'x'.repeat(32_000) }],
      [
        { province: ' 广东省 ', city: '  ' },
        { province: '广东省', city: '' },
      ],
      [raw('{"__proto__":{"admin":true},"a":1}'), { a: 1 }],
      [raw('{"constructor":{"prototype":{"admin":true}},"a":1}'), { a: 1 }],
      [raw('{"constructor":null,"toString":2}'), { constructor: null, toString: 2 }],
      [raw('{"n":-0.0,"big":12345678901234567890}'), { n: 0, big: 12345678901234567000 }],
    ]),

    ...rejected('eventId', 'event_id_invalid', [
      1,
      '',
      '0193560a7c227f6a9d0e3a1b52c4e7f0',
      '{}',
      'x'.repeat(36),
    ]),

    ...['null', '5', '"app_session_start"', 'true', '[]', nestedArrays(100_000)].map((json) => ({
      name: `${inWords(raw(json))} in place of an event`,
      json: () => json,
      code: 'event_invalid',
    })),
    { name: 'an empty object', json: () => '{}', code: 'event_name_invalid' },
  ];

  it.each(cases)('$name', async ({ json, code, row }) => {
    const [first, last, base] = [event(), event(), event()];
    const before = await stored.rows('SELECT count(*)::int AS n FROM analytics_event_log');
    const answer = await post(`{"events":[${JSON.stringify(first)},${json(base)},${JSON.stringify(last)}]}`);

    expect(answer.status).toBe(200);
    expectNoInsides(answer.text);
    expect(answer.text.length).toBeLessThan(1000);
    if (code === undefined) expect(answer.body).toEqual({ ...NONE, accepted: 3 });
    else {
      expect(answer.body).toEqual({
        accepted: 2,
        duplicates: 0,
        failed: 1,
        errors: [expect.stringMatching(/^Event\[1\]: \S/)],
        rejected: [expect.objectContaining({ index: 1, code, message: expect.stringMatching(/\S/) })],
      });
    }
    const after = await stored.rows('SELECT count(*)::int AS n FROM analytics_event_log');
    expect(after).toEqual([{ n: Number(before[0]!['n']) + (code === undefined ? 3 : 2) }]);
    const [storedFirst, storedBase, storedLast] = await stored.events([
      first.eventId,
      base.eventId,
      last.eventId,
    ]);
    expect([storedFirst?.installId, storedLast?.installId]).toEqual([first.installId, last.installId]);
    if (code === undefined) expect(storedBase).toMatchObject(row ?? {});
    else expect(storedBase).toBeUndefined();
  });

  it('a whole batch of bad ones: each is reported, none is stored', async () => {
    const before = await stored.counts();
    const bad = cases.filter(({ code, json }) => code !== undefined && json(event()).length < 50_000);
    const answer = await post(`{"events":[${bad.map(({ json }) => json(event())).join(',')}]}`);
    expect(answer).toMatchObject({ status: 200, body: { ...NONE, failed: bad.length } });
    const { rejected } = answer.body as { rejected: { index: number; code: string }[] };
    expect(rejected.map(({ index, code }) => ({ index, code }))).toEqual(
      bad.map(({ code }, index) => ({ index, code })),
    );
    expect(await stored.counts()).toEqual(before);
  });

  it('what comes beside the known fields is ignored, however deep it is nested', async () => {
    const sent = event();
    const deep = nestedArrays(100_000);
    const json = JSON.stringify(sent);
    const answer = await post(
      `{"later":${deep},"events":[${json.slice(0, -1)},"__proto__":{"installId":"x"},"later":${deep}}]}`,
    );
    expect(answer).toMatchObject({ status: 200, body: { ...NONE, accepted: 1 } });
    expect(await stored.events([sent.eventId])).toMatchObject([{ installId: sent.installId }]);
  });
});

describe('a device whose clock is wrong', () => {
  it.each([
    ['two hours ahead', TWO_HOURS],
    ['thirty days behind', -30 * 86_400],
  ])('(%s) is corrected by sentAt, and its retries with another sentAt are known', async (_, offset) => {
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

  it('by up to five minutes is believed', async () => {
    const now = nowSeconds();
    const sent = event({ clientTs: Math.floor(now) + 200 });
    expect((await post({ events: [sent], sentAt: now + 240 })).body).toEqual({ ...NONE, accepted: 1 });
    expect(await stored.events([sent.eventId])).toMatchObject([
      { eventTime: new Date(sent.clientTs * 1000) },
    ]);
  });

  it('is not helped without sentAt', async () => {
    const answer = await send([event({ clientTs: nowSeconds() + TWO_HOURS })]);
    expect(answer.body).toMatchObject({ accepted: 0, failed: 1, rejected: [{ code: 'event_in_future' }] });
  });

  it('is known again when it sent without sentAt first, or set its clock between two attempts', async () => {
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

describe('the token of a batch', () => {
  const inAnHour = Math.floor(nowSeconds()) + 3600;
  const bad: readonly (readonly [name: string, authorization: () => string, code: string])[] = [
    ['is no token', () => 'Bearer nonsense', 'token_invalid'],
    ['is empty', () => 'Bearer ', 'token_missing'],
    ['is of another scheme', () => 'Basic dXNlcjpwYXNz', 'token_missing'],
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
      'claims alg: none and is signed',
      () => `Bearer ${forgeToken({ alg: 'none' }, { userId: '5', exp: inAnHour }, TEST_JWT_SECRET)}`,
      'token_invalid',
    ],
    [
      'claims HS256 and is not signed',
      () => `Bearer ${forgeToken({ alg: 'HS256' }, { userId: '5', exp: inAnHour })}`,
      'token_invalid',
    ],
    [
      'expires at a text',
      () => `Bearer ${forgeToken({ alg: 'HS256' }, { userId: '5', exp: String(inAnHour) }, TEST_JWT_SECRET)}`,
      'token_invalid',
    ],
    ['names nobody', () => `Bearer ${signToken({})}`, 'token_invalid'],
    ['names user 0', () => `Bearer ${signToken({ userId: '0' })}`, 'token_invalid'],
    ['names user "abc"', () => `Bearer ${signToken({ sub: 'abc' })}`, 'token_invalid'],
    ['names user 2^63', () => `Bearer ${signToken({ userId: '9223372036854775808' })}`, 'token_invalid'],
    ['names a user that is no whole number', () => `Bearer ${signToken({ userId: 42.5 })}`, 'token_invalid'],
  ];

  it.each(bad)('%s: 401, and nothing is stored', async (_, authorization, code) => {
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
  ])('names the user by %s', async (_, claims, userId) => {
    const sent = event();
    expect(await send([sent], { token: signToken(claims) })).toMatchObject({
      status: 200,
      body: { accepted: 1 },
    });
    expect(await stored.events([sent.eventId])).toMatchObject([{ userId }]);
  });

  it('does not let a user speak for another; the rest of the batch is stored', async () => {
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
