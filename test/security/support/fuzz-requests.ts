import { gzipSync } from 'node:zlib';

import fc, { type Arbitrary } from 'fast-check';

import { anyText, hugeText, jsonText, nearJson, numberText, stringText } from './fuzz-text.js';
import type { WireRequest } from './wire.js';

export interface Credentials {
  readonly token: string;
  readonly internalKey: string;
}

export interface FuzzedRequest extends WireRequest {
  /** true when the request carries credentials for business figures */
  readonly mayRead: boolean;
}

const ROUTES = [
  ...['/analytics/events', '/analytics/dau', '/analytics/dau/realtime', '/presence/heartbeat'],
  ...['/presence/online-count', '/presence/online-history', '/internal/analytics/dau'],
  '/internal/presence/heartbeats',
  ...['active-users', 'rolling-active-users', 'lifecycle', 'retention'].flatMap((figure) => [
    `/analytics/${figure}`,
    `/internal/analytics/${figure}`,
  ]),
  ...['/presence/daily', '/internal/presence/daily', '/internal/presence/online-history'],
  ...['/health/live', '/health/ready', '/metrics', '/api/docs-json'],
];
const METHODS = [
  ...['GET', 'GET', 'GET', 'POST', 'POST', 'POST', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'],
  ...['PROPFIND', 'SEARCH', 'PURGE', 'M-SEARCH', 'QUERY', 'MKCOL', 'LOCK'],
];
const QUERY_KEYS = [
  ...['startDate', 'endDate', 'startTime', 'endTime', 'interval', '__proto__', 'constructor', 'startDate[]'],
  ...['startDate[a]', 'token', 'x', '', 'window', 'after', 'cohort', 'breakdown', 'province', 'city'],
  ...['zeroDays', 'changedSince'],
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
  ...['day', 'week', 'month', 'span', 'new', 'active', 'province', '1,2,3', '366', 'true', '上海'],
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

/** Header values of visible characters and of bytes outside ASCII. */
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

/** Queries that are likely to pass validation and reach the query handlers. */
const likelyQuery: Arbitrary<string> = fc
  .tuple(
    fc.oneof(instantText, fc.constantFrom(...QUERY_VALUES)),
    fc.oneof(instantText, fc.constantFrom(...QUERY_VALUES)),
    fc.constantFrom(
      '1m',
      '5m',
      '1h',
      'day',
      'week',
      'month',
      'span',
      'span&breakdown=city',
      '&cohort=new&after=366',
    ),
  )
  .map(([from, to, interval]) => {
    const [a, b] = [percentEncoded(from), percentEncoded(to)];
    return `startDate=${a.slice(0, 10)}&endDate=${b.slice(0, 10)}&startTime=${a}&endTime=${b}&interval=${interval}`;
  });

/** Encodes a text; lone surrogates, which no encoder accepts, become invalid UTF-8. */
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

/** Requests to every route with any method, headers, query and body. */
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
      // Node's HTTP client fails on a 431 with a body in response to HEAD.
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
