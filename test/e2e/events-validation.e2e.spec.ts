import { brotliCompressSync, gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { event, nowSeconds, type WireEvent } from '../support/events.js';
import { expectNoInsides, expectProblem } from '../support/expect-problem.js';
import { postJson, request, type Answer } from '../support/http.js';
import type { OwnerDatabase } from '../support/owner-database.js';
import type { Service } from '../support/service.js';

const MIB = 1024 * 1024;
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

function post(body: unknown): Promise<Answer> {
  return postJson(`${service.url}/analytics/events`, body);
}

function nestedArrays(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

function nestedObjects(levels: number): string {
  return '{"a":'.repeat(levels - 1) + '{}' + '}'.repeat(levels - 1);
}

interface BadRequest {
  readonly name: string;
  readonly body: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;
  readonly code: string;
}

describe('an invalid batch', () => {
  const JSON_BODY = { 'content-type': 'application/json' };
  const GZIP = { ...JSON_BODY, 'content-encoding': 'gzip' };
  const good = JSON.stringify({ events: [event()] });
  const withSentAt = (sentAt: string): string => `{"sentAt":${sentAt},${good.slice(1)}`;
  const withPadding = (length: number): string => good.replace('}]', `,"padding":"${'x'.repeat(length)}"}]`);
  const rejectedWith =
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
  const malformed = rejectedWith(400, 'request_malformed');
  const invalid = rejectedWith(400, 'batch_invalid');
  const tooLarge = rejectedWith(413, 'body_too_large');
  const unsupported = rejectedWith(415, 'content_type_unsupported');

  const cases: readonly BadRequest[] = [
    malformed('text that is not JSON', 'events=1'),
    malformed('truncated JSON', good.slice(0, -2)),
    malformed('JSON with NaN', '{"events":[NaN]}'),
    malformed('an empty body', ''),
    malformed('plain JSON labelled as gzip', good, GZIP),
    malformed('truncated gzip', gzipSync(good).subarray(0, -12), GZIP),

    unsupported('a URL-encoded form', 'events=1', { 'content-type': 'application/x-www-form-urlencoded' }),
    unsupported('a multipart form', '--x--', { 'content-type': 'multipart/form-data; boundary=x' }),
    unsupported('plain text', good, { 'content-type': 'text/plain' }),
    unsupported('XML', '<events/>', { 'content-type': 'application/xml' }),
    unsupported('a missing content type', good, {}),
    unsupported('brotli', brotliCompressSync(good), { ...JSON_BODY, 'content-encoding': 'br' }),
    unsupported('an unknown encoding', good, { ...JSON_BODY, 'content-encoding': 'rot13' }),

    invalid('an array', '[]'),
    invalid('a number', '5'),
    invalid('a string', '"events"'),
    invalid('null', 'null'),
    invalid('a missing events field', '{}'),
    invalid('events: null', '{"events":null}'),
    invalid('events that is an object', '{"events":{"0":{},"length":1}}'),
    invalid('events that is a string', '{"events":"many"}'),
    invalid('0 events', '{"events":[]}'),
    invalid('1001 events', JSON.stringify({ events: Array.from({ length: 1001 }, () => event()) })),
    invalid('a sentAt string', withSentAt('"1732685160"')),
    invalid('sentAt in milliseconds', withSentAt(String(Date.now()))),
    invalid('a negative sentAt', withSentAt('-1')),
    invalid('an infinite sentAt', withSentAt('1e400')),
    invalid('sentAt as an object', withSentAt('{}')),
    invalid('an array nested 100,000 deep', nestedArrays(100_000)),
    invalid('events nested 100,000 deep', `{"events":${nestedObjects(100_000)}}`),

    tooLarge('more than 1 MiB', withPadding(MIB)),
    tooLarge('more than 1 MiB, gzipped', gzipSync(withPadding(MIB)), GZIP),
    tooLarge('5 MiB, gzipped to a few KB', gzipSync(withPadding(5 * MIB)), GZIP),
    tooLarge('5 MiB of spaces, gzipped', gzipSync(Buffer.alloc(5 * MIB, ' ')), GZIP),
  ];

  it.each(cases)(
    'returns $status $code for $name and stores nothing',
    async ({ body, headers, status, code }) => {
      const before = await stored.counts();
      const answer = await request(`${service.url}/analytics/events`, { method: 'POST', body, headers });
      expectProblem(answer, status, code);
      expect(await stored.counts()).toEqual(before);
    },
  );

  it('returns 400 for a request without a body', async () => {
    expectProblem(await request(`${service.url}/analytics/events`, { method: 'POST' }), 400, 'batch_invalid');
  });

  it('returns 413 when a chunked body exceeds 1 MiB', async () => {
    const before = await stored.counts();
    // The service may close the connection before the client has sent everything; no response can be read then.
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
  /** writes the event as JSON text */
  readonly json: (base: WireEvent) => string;
  /** rejection code; undefined when the event is accepted */
  readonly code?: string;
  /** columns of the stored row when the event is accepted */
  readonly row?: Readonly<Record<string, unknown>>;
}

/** Returns an event with one field omitted (undefined), replaced, or replaced by raw JSON text. */
function withField(field: string, value: unknown): (base: WireEvent) => string {
  return (base) => {
    if (!(value instanceof RawJson)) return JSON.stringify({ ...base, [field]: value });
    return `${JSON.stringify({ ...base, [field]: undefined }).slice(0, -1)},"${field}":${value.text}}`;
  };
}

class RawJson {
  constructor(readonly text: string) {}
}

function describeValue(value: unknown): string {
  const text = value instanceof RawJson ? value.text : JSON.stringify(value);
  if (text === undefined) return 'omitted';
  return text.length <= 48 ? text : `${text.slice(0, 24)}… (${text.length} characters)`;
}

describe('an event in a batch', () => {
  const now = nowSeconds();
  const rejected = (field: string, code: string, values: readonly unknown[]): EventCase[] =>
    values.map((value) => ({
      name: `is rejected as ${code} when ${field} is ${describeValue(value)}`,
      json: withField(field, value),
      code,
    }));
  /** @param values pairs of a sent value and the stored value */
  const accepted = (
    field: string,
    column: string,
    values: readonly (readonly [unknown, unknown])[],
  ): EventCase[] =>
    values.map(([value, expected]) => ({
      name: `is accepted when ${field} is ${describeValue(value)}`,
      json: withField(field, value),
      row: { [column]: expected },
    }));
  const storedAsSent = <T>(values: readonly T[]): (readonly [T, T])[] =>
    values.map((value) => [value, value]);
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
    ...rejected('installId', 'install_id_invalid', ['phone\u0000-a', 'phone\u001b-a', 'phone-\ud83d']),
    ...accepted('installId', 'installId', storedAsSent(['a2345678', 'x'.repeat(128), '📱'.repeat(128)])),
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
      storedAsSent([null, {}, { a: '\\u0000 \\ud800' }, { province: 44, city: null }]),
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

    ...rejected('eventId', 'event_id_constant', [
      '00000000-0000-0000-0000-000000000000',
      'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
      '00000000-0000-4000-8000-000000000000',
    ]),
    ...rejected('installId', 'install_id_constant', [
      '{00000000-0000-0000-0000-000000000000}',
      ' 9774D56D682E549C',
      '02:00:00:00:00:00',
      '[object Object]',
      'null',
    ]),

    ...['null', '5', '"app_session_start"', 'true', '[]', nestedArrays(100_000)].map((json) => ({
      name: `is rejected as event_invalid when it is ${describeValue(raw(json))}`,
      json: () => json,
      code: 'event_invalid',
    })),
    {
      name: 'is rejected as event_name_invalid when it is an empty object',
      json: () => '{}',
      code: 'event_name_invalid',
    },
  ];

  it.each(cases)('$name, and its neighbours are stored', async ({ json, code, row }) => {
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

  it('is reported with its own code when every event of the batch is invalid, and none is stored', async () => {
    const before = await stored.counts();
    const invalid = cases.filter(({ code, json }) => code !== undefined && json(event()).length < 50_000);
    const answer = await post(`{"events":[${invalid.map(({ json }) => json(event())).join(',')}]}`);
    expect(answer).toMatchObject({ status: 200, body: { ...NONE, failed: invalid.length } });
    const { rejected } = answer.body as { rejected: { index: number; code: string }[] };
    expect(rejected.map(({ index, code }) => ({ index, code }))).toEqual(
      invalid.map(({ code }, index) => ({ index, code })),
    );
    expect(await stored.counts()).toEqual(before);
  });

  it('is stored without unknown fields, however deeply they are nested', async () => {
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
