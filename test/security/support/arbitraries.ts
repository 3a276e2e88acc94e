import { gzipSync } from 'node:zlib';

import fc, { type Arbitrary } from 'fast-check';

import type { WireRequest } from './wire.js';

// Everything here makes text, not values: what a client sends need not be what any serialiser would write.

/** What has broken programs before: SQL, shells, templates, terminals, log files, Unicode, prototypes. */
const EVIL_TEXTS = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\r\nforged line',
  '\u001b[2J\u001b[31m',
  '\ud800',
  'x\udc00y',
  '\u202etxet',
  '\ufeff',
  '\uffff',
  '\u2028\u2029',
  '🧑‍🧑‍🧒‍🧒',
  'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞',
  "'; DROP TABLE analytics_event_log; --",
  "' OR '1'='1",
  '$1::text',
  '{"a":1}',
  '$' + '{jndi:ldap://127.0.0.1:9/x}',
  '{{7*7}}',
  '$(sleep 5)',
  '../../../../etc/passwd',
  '<script>alert(1)</script>',
  '%s%n%x',
  '%00',
  'NaN',
  'null',
  'undefined',
  'true',
  '__proto__',
  'constructor',
  'toString',
  '1e1000',
  '-1',
  '9223372036854775807',
  '9223372036854775808',
  'x'.repeat(64),
  'x'.repeat(65),
  'x'.repeat(128),
  'x'.repeat(129),
  '📱'.repeat(128),
  '字'.repeat(5_000),
];

const NUMBERS = [
  ...['0', '-0', '1', '-1', '0.1', '1.5', '1e0', '1E+2', '1e-400', '5e-324', '1e400', '-1e400', '1e308'],
  ...['2147483648', '4294967296', '9007199254740991', '9007199254740992', '9007199254740993'],
  ...['9223372036854775807', '9223372036854775808', '123456789012345678901234567890', '1'.repeat(400)],
  ...['99999999999', '99999999999.999', '100000000000', '253402300800', '8640000000000', '-62135596800'],
];

const KEYS = [
  ...['a', '', ' ', '0', 'length', 'toString', 'hasOwnProperty', 'then', 'toJSON', 'valueOf'],
  ...[
    'events',
    'sentAt',
    'installId',
    'userId',
    'eventName',
    'clientTs',
    'properties',
    'province',
    'city',
    'os',
  ],
];
/** As JSON text; the second one is the first one in disguise. */
const PROTOTYPE_KEYS = ['"__proto__"', '"\\u005f\\u005fproto__"', '"constructor"', '"prototype"'];

/** Any text at all: code points from everywhere, and what has broken programs before. */
export const anyText: Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...EVIL_TEXTS) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 200, size: 'large' }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 20 }) },
);

const numberText: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NUMBERS),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
);

const stringText = anyText.map((text) => JSON.stringify(text));
const keyText = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...KEYS).map((key) => JSON.stringify(key)) },
  { weight: 1, arbitrary: fc.constantFrom(...PROTOTYPE_KEYS) },
  { weight: 2, arbitrary: stringText },
);

/** Well-formed JSON of any shape, keys twice and keys of prototypes included. */
export const jsonText: Arbitrary<string> = fc.letrec<{ value: string; list: string; object: string }>(
  (tie) => ({
    value: fc.oneof(
      { depthSize: 'small', maxDepth: 6 },
      fc.oneof(stringText, numberText, fc.constantFrom('null', 'true', 'false')),
      tie('list'),
      tie('object'),
    ),
    list: fc.array(tie('value'), { maxLength: 6 }).map((items) => `[${items.join()}]`),
    object: objectText(fc.tuple(keyText, tie('value'))),
  }),
).value;

function objectText(entry: Arbitrary<readonly [key: string, value: string]>): Arbitrary<string> {
  return fc
    .array(entry, { maxLength: 6 })
    .map((entries) => `{${entries.map(([key, value]) => `${key}:${value}`).join()}}`);
}

/** Deep or wide beyond all measure. */
const hugeText: Arbitrary<string> = fc
  .tuple(fc.constantFrom('[', '{"a":', '[[],'), fc.integer({ min: 15, max: 3_000 }))
  .map(([open, depth]) => open.repeat(depth) + '1' + (open.startsWith('{') ? '}' : ']').repeat(depth));

const nearJson: Arbitrary<string> = fc
  .tuple(jsonText, fc.nat(), fc.oneof(fc.constant(''), fc.string({ unit: 'binary', maxLength: 3 })))
  .map(([text, at, inserted]) => {
    const position = at % (text.length + 1);
    return text.slice(0, position) + inserted + text.slice(position + 1);
  });

// --- Events -----------------------------------------------------------------------------------------------------

export interface SentEvent {
  readonly text: string;
  /** the id when it is a good one of its own, so that the event can be found again */
  readonly eventId: string | undefined;
}

/** @param nowSeconds is asked when the event is made, so that most times are good */
function eventText(nowSeconds: () => number): Arbitrary<SentEvent> {
  const good = {
    eventName: fc.constantFrom('"app_session_start"', '"page_view"', '" Padded_Name "', '"app_session_end"'),
    installId: fc.uuid().map((id) => `"install-${id}"`),
    userId: fc.option(
      fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map((id) => `"${id}"`),
      { nil: undefined },
    ),
    clientTs: fc.integer({ min: -604_000, max: 599 }).map((offset) => String(nowSeconds() + offset)),
    properties: fc.option(
      fc
        .tuple(fc.constantFrom('"广东省"', '" 浙江省 "', '""', '44', 'null'), jsonText)
        .map(([province, rest]) => `{"province":${province},"city":"深圳市","rest":${rest}}`),
      { nil: undefined },
    ),
    eventId: fc.option(
      fc.uuid().map((id) => `"${id}"`),
      { nil: undefined },
    ),
  };
  const fields = ['eventName', 'installId', 'userId', 'clientTs', 'properties', 'eventId'] as const;
  const strange = fc.oneof(
    { weight: 6, arbitrary: jsonText },
    { weight: 2, arbitrary: stringText },
    { weight: 2, arbitrary: numberText },
    { weight: 1, arbitrary: hugeText },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
  const mutation = fc.tuple(fc.constantFrom(...fields), strange);
  const strangeProperties = fc
    .tuple(fc.constant('properties' as const), objectText(fc.tuple(keyText, jsonText)))
    .map(([field, value]) => [field, value] as const);
  return fc
    .tuple(
      fc.record(good),
      fc.oneof(
        { weight: 2, arbitrary: fc.constant([]) },
        { weight: 4, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 2 }) },
        { weight: 3, arbitrary: fc.tuple(strangeProperties) },
      ),
      fc.array(fc.tuple(keyText, jsonText), { maxLength: 1 }),
    )
    .map(([base, mutations, extra]) => {
      const event = new Map<string, string | undefined>(Object.entries(base));
      for (const [field, value] of mutations) event.set(field, value);
      const entries = [...event]
        .flatMap(([field, value]) => (value === undefined ? [] : [`"${field}":${value}`]))
        .concat(extra.filter(([key]) => !isField(key)).map(([key, value]) => `${key}:${value}`));
      const eventId = /^"([0-9a-f-]{36})"$/.exec(event.get('eventId') ?? '')?.[1];
      return { text: `{${entries.join()}}`, eventId };
    });
}

function isField(key: string): boolean {
  return ['eventName', 'installId', 'userId', 'clientTs', 'properties', 'eventId'].includes(
    String(JSON.parse(key)),
  );
}

export interface SentBatch {
  readonly events: readonly SentEvent[];
  readonly text: string;
}

/** Batches whose envelope is good, of events that are good, nearly good, or nothing of the kind. */
export function eventBatch(size: number, nowSeconds: () => number): Arbitrary<SentBatch> {
  const anything = jsonText.map((text) => ({ text, eventId: undefined }));
  const sentAt = fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    {
      weight: 2,
      arbitrary: fc.integer({ min: -400_000, max: 400_000 }).map((off) => String(nowSeconds() + off)),
    },
    { weight: 1, arbitrary: fc.constantFrom('null', '0', '99999999999.9', '0.001') },
  );
  return fc
    .tuple(
      fc.array(
        fc.oneof({ weight: 12, arbitrary: eventText(nowSeconds) }, { weight: 1, arbitrary: anything }),
        { minLength: size, maxLength: size },
      ),
      sentAt,
    )
    .map(([events, at]) => ({
      events,
      text: `{${at === undefined ? '' : `"sentAt":${at},`}"events":[${events.map(({ text }) => text).join()}]}`,
    }));
}

// --- Requests ---------------------------------------------------------------------------------------------------

export interface Credentials {
  readonly token: string;
  readonly internalKey: string;
}

export interface FuzzedRequest extends WireRequest {
  /** whether it carries what opens business figures */
  readonly mayRead: boolean;
}

const ROUTES = [
  ...['/analytics/events', '/analytics/dau', '/analytics/dau/realtime', '/presence/heartbeat'],
  ...['/presence/online-count', '/presence/online-history', '/internal/analytics/dau'],
  ...['/health/live', '/health/ready', '/metrics', '/api/docs-json'],
];
const METHODS = [
  ...['GET', 'GET', 'GET', 'POST', 'POST', 'POST', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'],
  ...['PROPFIND', 'SEARCH', 'PURGE', 'M-SEARCH', 'QUERY', 'MKCOL', 'LOCK'],
];
const QUERY_KEYS = [
  ...['startDate', 'endDate', 'startTime', 'endTime', 'interval', '__proto__', 'constructor', 'startDate[]'],
  ...['startDate[a]', 'token', 'x', ''],
];
const QUERY_VALUES = [
  ...[
    '2025-01-15',
    '2025-01-16',
    '0000-00-00',
    '0000-01-01',
    '9999-12-31',
    '2025-02-30',
    '2025-13-01',
    '0001-01-01',
  ],
  ...['2025-01-15T00:00:00Z', '2025-01-16T00:00:00+08:00', '2025-01-15T24:00:00Z', '2025-01-15T23:59:60Z'],
  ...[
    '2025-01-15T00:00:00+24:00',
    '2025-01-15T00:00:00-99:99',
    '+275760-09-13T00:00:00Z',
    '0000-01-01T00:00:00Z',
  ],
  ...[
    '9999-12-31T23:59:59.999999999Z',
    '2025-W03-3',
    '2025-015',
    '1m',
    '5m',
    '1h',
    '1M',
    '1d',
    '0',
    '-1',
    'NaN',
  ],
];

/** Visible characters and bytes beyond ASCII: what may stand in a header at all. */
const headerValue: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '*',
    '*/*',
    'x'.repeat(2_000),
    '1',
    '0',
    '-1',
    'null',
    '"',
    ';;;',
    ',,,',
    '\t',
    'bytes=0-',
    'gzip',
  ),
  fc
    .array(
      fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f),
      { maxLength: 30 },
    )
    .map((codes) => String.fromCharCode(...codes)),
);

const pad =
  (length: number) =>
  (n: number): string =>
    String(n).padStart(length, '0');
const instantText: Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('0000', '1970', '1999', '2000', '2025', '2025', '2025', '2100', '9999'),
    fc.tuple(fc.nat(13), fc.nat(32), fc.nat(25), fc.nat(61), fc.nat(61)),
    fc.constantFrom('', '.1', '.123', '.123456789', '.1234567890'),
    fc.oneof(
      fc.constantFrom('Z', 'Z', 'z', '', '+08:00', '-00:00'),
      fc
        .tuple(fc.constantFrom('+', '-'), fc.nat(99), fc.nat(99))
        .map(([sign, h, m]) => `${sign}${pad(2)(h)}:${pad(2)(m)}`),
    ),
  )
  .map(([year, [month, day, hour, minute, second], fraction, zone]) => {
    const [mm, dd, h, m, s] = [month, day, hour, minute, second].map(pad(2));
    return `${year}-${mm}-${dd}T${h}:${m}:${s}${fraction}${zone}`;
  });

const queryText: Arbitrary<string> = fc
  .array(
    fc.tuple(
      fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...QUERY_KEYS) }, { weight: 1, arbitrary: anyText }),
      fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...QUERY_VALUES) },
        { weight: 3, arbitrary: instantText },
        { weight: 2, arbitrary: anyText },
      ),
    ),
    { maxLength: 6 },
  )
  .map((pairs) => pairs.map(([key, value]) => `${percentEncoded(key)}=${percentEncoded(value)}`).join('&'));

/** Queries that come through the checks, so that what is behind them is asked as well. */
const likelyQuery: Arbitrary<string> = fc
  .tuple(
    fc.oneof(instantText, fc.constantFrom(...QUERY_VALUES)),
    fc.oneof(instantText, fc.constantFrom(...QUERY_VALUES)),
    fc.constantFrom('1m', '5m', '1h', ''),
  )
  .map(([from, to, interval]) => {
    const [a, b] = [percentEncoded(from), percentEncoded(to)];
    return `startDate=${a.slice(0, 10)}&endDate=${b.slice(0, 10)}&startTime=${a}&endTime=${b}&interval=${interval}`;
  });

/** Lone surrogates, which no encoder takes, become bytes that are no UTF-8. */
function percentEncoded(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : '%ED%A0%80%FF%C0%80';
}

const pathText: Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...ROUTES) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...ROUTES),
        fc.constantFrom(
          '/',
          '//',
          '/.',
          '/..',
          '/%2e%2e/',
          '%00',
          '%',
          '%zz',
          '%2f',
          ';a=b',
          '/*',
          '/:id',
          '/:a(',
          ':a((a+)+$)',
          '/*x',
          '\\',
          '%c0%ae',
        ),
        fc.boolean(),
      )
      .map(([route, trick, before]) => (before ? `/${trick}${route}` : `${route}${trick}`)),
  },
  { weight: 1, arbitrary: anyText.map((text) => `/${percentEncoded(text)}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '*',
      '/',
      '//',
      '/api/docs',
      '/api/docs/',
      '/api/docs/../..',
      'http://x/metrics',
    ),
  },
);

const bodyText: Arbitrary<string | undefined> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 4, arbitrary: jsonText },
  { weight: 2, arbitrary: nearJson },
  { weight: 1, arbitrary: hugeText },
  { weight: 2, arbitrary: jsonText.map((text) => `{"events":${text}}`) },
  { weight: 2, arbitrary: jsonText.map((text) => `{"events":[${text}]}`) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.oneof(stringText, jsonText, fc.constant('"install-of-fuzz"')),
        fc.oneof(stringText, jsonText, fc.constant('"1.0"')),
        fc.oneof(numberText, jsonText),
      )
      .map(([install, version, at]) => `{"installId":${install},"appVersion":${version},"clientTs":${at}}`),
  },
);

/** Requests to every route, by every method, with headers, queries and bodies from everywhere. */
export function anyRequest({ token, internalKey }: Credentials): Arbitrary<FuzzedRequest> {
  const authorization = fc.oneof(
    { weight: 5, arbitrary: fc.constant(`Bearer ${token}`) },
    { weight: 3, arbitrary: fc.constant(undefined) },
    {
      weight: 2,
      arbitrary: fc.constantFrom('Bearer', 'Bearer x', 'Bearer a.b.c', `Basic ${token}`, `bearer  ${token}`),
    },
    { weight: 1, arbitrary: fc.nat(token.length - 1).map((at) => `Bearer ${token.slice(0, at)}`) },
    { weight: 1, arbitrary: headerValue },
  );
  const headers = fc.record(
    {
      'content-type': fc.oneof(
        { weight: 8, arbitrary: fc.constant('application/json') },
        {
          weight: 2,
          arbitrary: fc.constantFrom(
            ...[
              'application/json; charset=utf-8',
              'APPLICATION/JSON',
              'application/json; charset=utf-16',
              'text/plain',
            ],
            ...[
              'application/problem+json',
              'multipart/form-data',
              'application/json/x',
              '',
              ';',
              'application/x-json',
            ],
          ),
        },
        { weight: 1, arbitrary: headerValue },
      ),
      'content-encoding': fc.oneof(
        { weight: 12, arbitrary: fc.constant(undefined) },
        {
          weight: 3,
          arbitrary: fc.constantFrom('gzip', 'GZIP', 'identity', 'br', 'deflate', 'gzip, gzip', ''),
        },
        { weight: 1, arbitrary: headerValue },
      ),
      'x-internal-api-key': fc.oneof(fc.constant(internalKey), fc.constant(undefined), headerValue),
      accept: headerValue,
      'accept-encoding': headerValue,
      origin: fc.oneof(headerValue, fc.constantFrom('null', 'https://evil.example')),
      'access-control-request-method': fc.constantFrom('POST', 'GET', '*'),
      host: fc.constantFrom('x', '', '127.0.0.1:1', 'evil.example', '[::1]', 'a b', '..'),
      'x-forwarded-for': fc.oneof(headerValue, fc.constantFrom('::1', '1.2.3.4, 5.6.7.8', 'unknown')),
      'x-http-method-override': fc.constantFrom('DELETE', 'POST', 'GET'),
      range: headerValue,
      'if-none-match': headerValue,
      cookie: headerValue,
      'user-agent': headerValue,
      'x-original-url': fc.constantFrom('/internal/analytics/dau', '/metrics'),
    },
    { requiredKeys: ['content-type', 'content-encoding', 'x-internal-api-key'] },
  );
  return fc
    .record({
      method: fc.constantFrom(...METHODS),
      path: pathText,
      query: fc.oneof(fc.constant(''), queryText, likelyQuery, likelyQuery),
      authorization,
      headers,
      body: bodyText,
      packed: fc.boolean(),
    })
    .map(({ method, path, query, authorization: bearer, headers: chosen, body: text, packed }) => {
      const isPacked = packed && chosen['content-encoding'] === 'gzip' && text !== undefined;
      const body = text === undefined ? undefined : isPacked ? gzipSync(text) : Buffer.from(text);
      // Node's own client takes the body of a 431 amiss when it has asked for none.
      const isLong = path.length + query.length > 12_000;
      const entries = Object.entries({ ...chosen, authorization: bearer }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value.trim()] as const],
      );
      return {
        method: method === 'HEAD' && isLong ? 'GET' : method,
        path: query === '' ? path : `${path}?${query}`,
        headers: {
          ...Object.fromEntries(entries),
          ...(body !== undefined && { 'content-length': String(body.length) }),
        },
        body,
        mayRead: bearer?.endsWith(` ${token}`) === true || chosen['x-internal-api-key'] === internalKey,
      };
    });
}
