import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { event, nowSeconds, shanghaiDay } from '../support/events.js';
import { expectNoInsides, expectProblem } from '../support/expect-problem.js';
import { OwnerDatabase } from '../support/owner-database.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { postJson, request, signToken, type Answer, type RequestOptions } from '../support/http.js';
import { sleep, spawnProcess, waitFor } from '../support/processes.js';
import { createTestRedis, type TestRedis } from '../support/redis.js';
import {
  runBuilt,
  settings,
  startBuilt,
  startService,
  type Program,
  type Service,
} from '../support/service.js';
import { faultsOfProblem } from './support/problems.js';
import { exchange, RawConnection, type WireAnswer } from './support/wire.js';

const ORIGIN = 'https://admin.example.com';
const INTERNAL_KEY = 'the-internal-key-that-no-log-may-hold';
const SECRET = 'the-signing-secret-that-no-log-may-hold';
/** Stands in whatever is sent to show up in a log. */
const MARK = 'FORGED-LINE';

jest.setTimeout(60_000);

let database: TestDatabase;
let redis: TestRedis;
let stored: OwnerDatabase;
/** Its log is text, for a developer. */
let developing: Service;
/** Its log is JSON; browsers may call it from {@link ORIGIN}. Kafka is away for it. */
let productive: Service;

beforeAll(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), createTestRedis()]);
  stored = await OwnerDatabase.connect(database.ownerUrl);
  const env = {
    ...settings({ databaseUrl: database.serviceUrl, redis }),
    JWT_SECRET: SECRET,
    INTERNAL_API_KEY: INTERNAL_KEY,
    LOG_LEVEL: 'debug',
    HOST: '127.0.0.1',
  };
  [developing, productive] = await Promise.all([
    startService({ env: { ...env, NODE_ENV: 'test' } }),
    startProductive({ ...env, CORS_ORIGINS: `${ORIGIN}, https://other.example.com:8443` }),
  ]);
});

afterAll(async () => {
  await stored?.close();
  await Promise.all([developing?.stop(), productive?.stop()]);
  await redis?.close();
  await database?.drop();
});

/** The address stands in a line of JSON there. */
async function startProductive(env: Readonly<Record<string, string>>): Promise<Service> {
  const program: Program = await startBuilt('src/main.js', [], {
    ...env,
    NODE_ENV: 'production',
    KAFKA_BROKERS: '127.0.0.1:1',
    RATE_LIMIT_PER_ADDRESS: '0',
    RATE_LIMIT_PER_INSTALL: '0',
  });
  const match = await waitFor(() => /Listening on (http:\/\/[\d.]+:\d+)/.exec(program.output()), 30_000, {
    what: 'the service listens',
  });
  return { ...program, url: match[1]! };
}

const token = signToken({ userId: '5' }, { secret: SECRET });

function send(service: Service, events: readonly unknown[], options: RequestOptions = {}): Promise<Answer> {
  return postJson(`${service.url}/analytics/events`, { events }, options);
}

async function wire(service: Service, data: string): Promise<WireAnswer> {
  const { answers } = await exchange(service.url, data, { answers: 1 });
  expect({ data: data.slice(0, 300), answered: answers.length }).toMatchObject({ answered: 1 });
  return answers[0]!;
}

function get(target: string, headers = ''): string {
  return `GET ${target} HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`;
}

describe('every answer', () => {
  const kinds: readonly (readonly [kind: string, status: number, data: () => string])[] = [
    ['a good one', 200, () => get('/presence/online-count', `Authorization: Bearer ${token}\r\n`)],
    ['health', 200, () => get('/health/live')],
    ['readiness', 200, () => get('/health/ready')],
    ['metrics', 200, () => get('/metrics')],
    ['the document of the API', 200, () => get('/api/docs-json')],
    ['the page of the API', 200, () => get('/api/docs')],
    ['a script of that page', 200, () => get('/api/docs/swagger-ui-bundle.js')],
    ['a file that is not there', 404, () => get('/api/docs/nothing.js')],
    ['a bad query', 400, () => get('/analytics/dau', `Authorization: Bearer ${token}\r\n`)],
    ['no token', 401, () => get('/analytics/dau')],
    ['no key', 401, () => get('/internal/analytics/dau')],
    ['no route', 404, () => get('/nothing')],
    ['no such method', 405, () => get('/analytics/events')],
    ['a target that is none', 400, () => get('/%')],
    ['two hosts', 400, () => get('/health/live', 'Host: y\r\n')],
    ['a file of no page', 404, () => get('/api/docs/package.json')],
    ['bad JSON', 400, () => posted('application/json', '{')],
    ['too large a body', 413, () => posted('application/json', '', 'Content-Length: 2000000\r\n')],
    ['no JSON', 415, () => posted('text/xml', '<a/>')],
    ['an unknown encoding', 415, () => posted('application/json', '{}', 'Content-Encoding: br\r\n')],
    ['too large headers', 431, () => get('/', `X: ${'x'.repeat(20_000)}\r\n`)],
    ['no HTTP', 400, () => 'nonsense\r\n\r\n'],
  ];
  const posted = (type: string, body: string, headers = `Content-Length: ${body.length}\r\n`): string =>
    `POST /analytics/events HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\n${headers.includes('Length') ? headers : `${headers}Content-Length: ${body.length}\r\n`}Connection: close\r\n\r\n${body}`;

  function expectGuarded(answer: WireAnswer, kind: string, isDocs = false): void {
    const { status, headers, text } = answer;
    expect(headers['x-content-type-options']).toBe('nosniff');
    // The files of that page are in the package for everybody to read.
    if (!kind.startsWith('a script')) expect(headers['cache-control']).toBe('no-store');
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers['referrer-policy']).toBe('no-referrer');
    for (const banner of ['server', 'x-powered-by', 'via', 'x-aspnet-version', 'x-runtime'])
      expect(headers[banner]).toBeUndefined();
    // The page is a product's, and metrics have the runtime's among them: they are for one's own network.
    if (!isDocs && kind !== 'metrics')
      expect(JSON.stringify(answer)).not.toMatch(/nest(js)?\b|fastify|express|node\.js/i);
    if (status >= 400) {
      expect(faultsOfProblem({ status, contentType: headers['content-type'] ?? '', text })).toEqual([]);
      expectNoInsides(text);
    }
    if (!isDocs) expect(headers['content-security-policy']).not.toContain('unsafe');
  }

  it.each(kinds)(
    '(%s, %i) forbids what nobody needs of it, and names no product',
    async (kind, status, data) => {
      for (const service of [developing, productive]) {
        const answer = await wire(service, data());
        expect(answer.status).toBe(status);
        expectGuarded(answer, kind, data().includes('/api/docs'));
      }
    },
  );

  it('(of a service that stops, 503) does so, too', async () => {
    const stopping = await startService({ env: settings({ databaseUrl: database.serviceUrl }) });
    const connection = await RawConnection.open(stopping.url);
    connection.write('GET /health/live HTTP/1.1\r\nHost: x\r\n');
    await sleep(100);
    stopping.kill('SIGTERM');
    await waitFor(() => stopping.output().includes('Stopping: SIGTERM'));
    connection.write('\r\n');
    const { answers } = await connection.settled({ answers: 1, timeoutMs: 5_000 });
    await stopping.stop();
    expect(answers).toMatchObject([{ status: 503, headers: { connection: 'close', 'retry-after': '1' } }]);
    expect(JSON.parse(answers[0]!.text)).toMatchObject({ code: 'shutting_down' });
    expectGuarded(answers[0]!, 'shutting down');
  });

  it('of a route, of an error and of a refusal has the same protection against browsers', async () => {
    for (const data of [
      get('/health/live'),
      get('/nothing'),
      get('/health/live', 'Host: y\r\n'),
      get('/api/docs'),
    ]) {
      expect((await wire(productive, data)).headers).toMatchObject({
        'cross-origin-resource-policy': 'same-origin',
        'strict-transport-security': 'max-age=31536000; includeSubDomains',
        'x-frame-options': 'DENY',
      });
    }
  });

  it('for a file beside the page of the API is 404, unless the page asks for it', async () => {
    const { text: page } = await wire(developing, get('/api/docs'));
    const asked = [...page.matchAll(/(?:src|href)="\.\/docs\/([^"]+)"/g)].map(([, file]) => file!);
    expect(asked.length).toBeGreaterThanOrEqual(5);
    const served: string[] = [];
    for (const file of [...new Set([...readdirSync('node_modules/swagger-ui-dist'), ...asked])]) {
      const { status } = await wire(developing, get(`/api/docs/${file}`));
      if (status === 200) served.push(file);
      // Nest itself refuses the licence, as a route by which there is nothing.
      else expect({ file, status }).toEqual({ file, status: file === 'LICENSE' ? 405 : 404 });
    }
    expect(served.filter((file) => file !== 'index.html').sort()).toEqual([...asked].sort());
    for (const path of [
      '%70ackage.json',
      './package.json',
      'x/../package.json',
      '/package.json',
      'package.json/',
    ])
      expect((await wire(developing, get(`/api/docs/${path}`))).status).toBe(404);
  });

  it('of 401 says how to come in, of 405 says how to ask', async () => {
    expect((await wire(developing, get('/analytics/dau'))).headers['www-authenticate']).toBe('Bearer');
    expect((await wire(developing, get('/internal/analytics/dau'))).headers['www-authenticate']).toMatch(
      /^ApiKey/,
    );
    const routes: readonly (readonly [path: string, method: string, allow: string])[] = [
      ['/analytics/events', 'GET', 'POST'],
      ['/analytics/events', 'DELETE', 'POST'],
      ['/presence/heartbeat', 'PUT', 'POST'],
      ['/presence/heartbeat', 'OPTIONS', 'POST'],
      ['/analytics/dau', 'POST', 'GET'],
      ['/presence/online-count', 'PATCH', 'GET'],
      ['/health/live', 'DELETE', 'GET'],
      ['/metrics', 'POST', 'GET'],
      ['/internal/analytics/dau', 'DELETE', 'GET'],
      ['/analytics/dau', 'TRACE', 'GET'],
    ];
    for (const [path, method, allow] of routes) {
      const answer = await request(`${developing.url}${path}`, { method }).catch(() => null);
      // fetch will not send TRACE.
      const { status, headers } = answer ?? (await traced(path));
      const allowed = headers instanceof Headers ? headers.get('allow') : headers['allow'];
      expect({
        path,
        method,
        status,
        allowed: allowed?.split(', ').filter((name) => name !== 'HEAD'),
      }).toEqual({
        path,
        method,
        status: 405,
        allowed: [allow],
      });
    }
  });

  const traced = (path: string): Promise<WireAnswer> =>
    wire(developing, `TRACE ${path} HTTP/1.1\r\nHost: x\r\nX-Secret: echo-me\r\nConnection: close\r\n\r\n`);

  it('to HEAD is that to GET without a body', async () => {
    for (const path of ['/health/live', '/metrics', '/presence/online-count', '/nothing']) {
      const head = await request(`${developing.url}${path}`, { method: 'HEAD' });
      const { status } = await request(`${developing.url}${path}`);
      expect({ path, status: head.status, text: head.text }).toEqual({ path, status, text: '' });
    }
  });

  it('to TRACE echoes nothing', async () => {
    expect(JSON.stringify(await traced('/health/live'))).not.toContain('echo-me');
  });
});

describe('a page of another origin', () => {
  const ask = (service: Service, origin: string, options: RequestOptions = {}): Promise<Answer> =>
    request(`${service.url}/presence/online-count`, {
      token,
      ...options,
      headers: { origin, ...options.headers },
    });
  const preflight = (service: Service, origin: string): Promise<Answer> =>
    request(`${service.url}/analytics/events`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
  const grants = (answer: Answer): string[] =>
    [...answer.headers.keys()].filter((name) => name.startsWith('access-control-'));

  it('gets nothing where no origin is configured', async () => {
    for (const origin of [ORIGIN, 'null', 'http://localhost:3000', developing.url]) {
      expect(grants(await ask(developing, origin))).toEqual([]);
      expect(grants(await preflight(developing, origin))).toEqual([]);
    }
  });

  it('gets what it needs where its own is', async () => {
    const answer = await ask(productive, ORIGIN);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(answer.headers.get('vary')).toMatch(/\borigin\b/i);
    const asked = await preflight(productive, ORIGIN);
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(asked.headers.get('access-control-allow-methods')).not.toMatch(/PUT|DELETE|PATCH|\*/);
    expect(asked.headers.get('access-control-allow-headers')).not.toContain('*');
    for (const { headers } of [answer, asked])
      expect(headers.get('access-control-allow-credentials')).toBeNull();
    // An error must be readable, too.
    const refused = await ask(productive, ORIGIN, { token: 'nonsense' });
    expect(refused.headers.get('access-control-allow-origin')).toBe(ORIGIN);
  });

  it.each([
    'https://admin.example.com.evil.example',
    'https://evil-admin.example.com',
    'https://sub.admin.example.com',
    'http://admin.example.com',
    'https://admin.example.com:8443',
    'https://admin.example.com/',
    'https://ADMIN.example.com',
    'https://adminXexample.com',
    'https://other.example.com',
    'null',
    '*',
    '',
    'file://',
  ])('gets nothing when it is "%s"', async (origin) => {
    for (const answer of [await ask(productive, origin), await preflight(productive, origin)]) {
      const allowed = answer.headers.get('access-control-allow-origin');
      expect([null, ORIGIN, 'https://other.example.com:8443']).toContain(allowed);
      expect(allowed).not.toBe(origin);
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });

  it('is answered with a problem when its preflight is none', async () => {
    for (const headers of [{}, { origin: ORIGIN }]) {
      const answer = await request(`${productive.url}/analytics/events`, { method: 'OPTIONS', headers });
      const { status, text } = answer;
      if (status >= 400)
        expect(
          faultsOfProblem({ status, contentType: answer.headers.get('content-type') ?? '', text }),
        ).toEqual([]);
    }
  });

  it.each([
    '*',
    'https://*.example.com',
    'admin.example.com',
    `${ORIGIN}/path`,
    'null',
    'javascript:alert(1)',
  ])('cannot be configured as "%s"', async (origins) => {
    const program = await startBuilt('src/main.js', [], {
      ...settings({ databaseUrl: database.serviceUrl }),
      CORS_ORIGINS: origins,
    });
    const { exitCode, output } = await program.result(10_000);
    expect(exitCode).toBe(1);
    expect(output).toContain('CORS_ORIGINS');
  });
});

describe('names of prototypes', () => {
  const post = (text: string, path = '/analytics/events'): Promise<Answer> =>
    postJson(`${developing.url}${path}`, text, { token });

  it('in a body give nobody a field that it has not', async () => {
    const events = JSON.stringify([event()]);
    for (const text of [
      `{"__proto__":{"events":${events}}}`,
      `{"constructor":{"prototype":{"events":${events}}}}`,
      `{"\\u005f_proto__":{"events":${events}}}`,
    ])
      expectProblem(await post(text), 400, 'batch_invalid');
    const beat = JSON.stringify({ installId: 'install-of-hygiene', appVersion: '1', clientTs: nowSeconds() });
    for (const text of [`{"__proto__":${beat}}`, `{"constructor":{"prototype":${beat}}}`])
      expectProblem(await post(text, '/presence/heartbeat'), 400, 'request_invalid');
    // Nor to anybody who comes later.
    expectProblem(await post('{}'), 400, 'batch_invalid');
    expectProblem(await post('{}', '/presence/heartbeat'), 400, 'request_invalid');
  });

  it('in an event are no fields of it, and in its properties are not kept', async () => {
    const [whole, inside] = [event(), event()];
    const { installId, ...rest } = whole;
    const inherited = JSON.stringify(rest).replace(/}$/, `,"__proto__":{"installId":"${installId}"}}`);
    const nested = JSON.stringify(inside).replace(
      /}$/,
      ',"properties":{"__proto__":{"isAdmin":true},"a":{"__proto__":{"b":1},"constructor":{"prototype":{"c":1}},"d":2},"list":[{"__proto__":{}}]}}',
    );
    expect(await post(`{"events":[${inherited},${nested}]}`)).toMatchObject({
      body: { accepted: 1, failed: 1, rejected: [{ index: 0, code: 'install_id_invalid' }] },
    });
    const [row] = await stored.events([inside.eventId]);
    expect(JSON.stringify(row!.properties)).not.toMatch(/__proto__|prototype|isAdmin/);
    expect(row!.properties).toMatchObject({ a: { d: 2 } });
  });

  it('in a query are as unknown as any other', async () => {
    const day = shanghaiDay();
    for (const query of [
      `__proto__[startDate]=${day}&__proto__[endDate]=${day}`,
      `constructor.prototype.startDate=${day}&endDate=${day}`,
      `__proto__=x&constructor=y&prototype=z`,
    ])
      expectProblem(
        await request(`${developing.url}/analytics/dau?${query}`, { token }),
        400,
        'request_invalid',
      );
    const good = `startDate=${day}&endDate=${day}&__proto__=x&constructor=y&toString=z&hasOwnProperty=w`;
    expect((await request(`${developing.url}/analytics/dau?${good}`, { token })).status).toBe(200);
  });
});

describe('a query', () => {
  const day = shanghaiDay();

  it.each([
    `startDate=${day}&startDate=2000-01-01&endDate=${day}`,
    `startDate=${day}&endDate=${day}&endDate=${day}`,
    `startDate[]=${day}&endDate=${day}`,
    `startDate[0]=${day}&endDate=${day}`,
    `startDate[$gt]=&endDate=${day}`,
    `startDate=${day}%00&endDate=${day}`,
    `startDate=${day}%0a&endDate=${day}`,
    `startDate=${day}'--&endDate=${day}`,
  ])('that means two things, or none, is refused: %s', async (query) => {
    expectProblem(
      await request(`${developing.url}/analytics/dau?${query}`, { token }),
      400,
      'request_invalid',
    );
  });

  it('says one thing for each field of a history, too', async () => {
    const from = '2025-01-15T00:00:00Z';
    const to = '2025-01-15T01:00:00Z';
    for (const query of [
      `startTime=${from}&startTime=${from}&endTime=${to}`,
      `startTime=${from}&endTime=${to}&interval=1m&interval=1h`,
      `startTime=${from}&endTime=${to}&interval=1m;DROP`,
    ])
      expectProblem(
        await request(`${developing.url}/presence/online-history?${query}`, { token }),
        400,
        'request_invalid',
      );
  });
});

describe('statements of SQL', () => {
  const STATEMENTS = [
    "'; DROP TABLE analytics_event_log CASCADE; --",
    "' OR '1'='1",
    "x'); DELETE FROM analytics_daily_actives; --",
    "\\'; SELECT pg_sleep(10); --",
    '"; DROP SCHEMA public CASCADE; --',
    '$$; SELECT pg_sleep(10); $$',
    "' UNION SELECT rolpassword FROM pg_authid --",
    '{"a":"b"}\'::jsonb; --',
    "%' ESCAPE '\\'; --",
  ];

  it('in any field of an event are text like any other, or refused', async () => {
    const events = STATEMENTS.flatMap((sql) => [
      event({ installId: `install ${sql}` }),
      event({ properties: { [sql]: sql, province: sql, city: sql, os: sql, nested: [{ [sql]: [sql] }] } }),
      event({ eventName: sql }),
      event({ userId: `1${sql}` }),
      event({ eventId: `${randomUUID()}${sql}` }),
      { ...event(), clientTs: sql },
    ]);
    const before = performance.now();
    expect(await send(developing, events)).toMatchObject({
      status: 200,
      body: { accepted: STATEMENTS.length * 2, failed: STATEMENTS.length * 4 },
    });
    expect(performance.now() - before).toBeLessThan(9_000);
    const kept = events.filter((_, i) => i % 6 < 2).map(({ eventId }) => eventId);
    const rows = await stored.events(kept);
    STATEMENTS.forEach((sql, i) => {
      expect(rows[2 * i]?.installId).toBe(`install ${sql}`.trim());
      expect(rows[2 * i + 1]?.properties).toMatchObject({ [sql]: sql, nested: [{ [sql]: [sql] }] });
    });
    const places = await stored.rows('SELECT DISTINCT place FROM analytics_daily_actives WHERE level = 1');
    expect(places.map(({ place }) => place)).toEqual(
      expect.arrayContaining(STATEMENTS.map((sql) => sql.trim())),
    );
  });

  it('in queries, heartbeats, headers and paths are refused, or do nothing', async () => {
    for (const sql of STATEMENTS) {
      const text = encodeURIComponent(sql);
      const answers = await Promise.all([
        request(`${developing.url}/analytics/dau?startDate=${text}&endDate=${text}`, { token }),
        request(
          `${developing.url}/presence/online-history?startTime=${text}&endTime=${text}&interval=${text}`,
          { token },
        ),
        request(`${developing.url}/internal/analytics/dau?startDate=${text}&endDate=${text}`, {
          headers: { 'x-internal-api-key': sql },
        }),
        request(`${developing.url}/${text}`, { token: text }),
        postJson(
          `${developing.url}/presence/heartbeat`,
          { installId: sql, appVersion: sql, clientTs: sql },
          { token },
        ),
      ]);
      for (const { status, text: said } of answers) {
        expect(status).toBeGreaterThanOrEqual(400);
        expect(status).toBeLessThan(500);
        expect(said).not.toMatch(/syntax error|42601/);
      }
    }
    expect((await send(developing, [event()])).status).toBe(200);
  });
});

describe('paths', () => {
  const TARGETS = [
    ...[
      '//',
      '///etc/passwd',
      '/.',
      '/..',
      '/../../etc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/..%2f..%2fetc/passwd',
    ],
    ...[
      '/%00',
      '/health/live%00',
      '/%',
      '/%zz',
      '/%c0%ae%c0%ae/',
      '/%ff',
      '/\\..\\..',
      '/..;/metrics',
      '/./metrics',
    ],
    ...[
      '/api/docs/../../package.json',
      '/api/docs/..%2f..%2fpackage.json',
      '/api/docs/%2e%2e/%2e%2e/package.json',
    ],
    ...[
      '/api/docs/..%5c..%5cpackage.json',
      '/api/docs//etc/passwd',
      '/api/docs/%2fetc%2fpasswd',
      '/api/docs/.env',
    ],
    ...['/.env', '/.git/config', '/package.json', '/dist/src/main.js', '/src/main.ts'],
    ...[
      'http://127.0.0.1:1/',
      'http://evil.example/nothing',
      'https://x',
      'file:///etc/passwd',
      'ftp://x/metrics',
    ],
    ...[
      '*',
      '*x',
      '/*x',
      '/*/analytics/events',
      '/:id',
      '/:a(',
      '/:a([)',
      '/:a((a+)+$)',
      '/analytics/:x(.*)',
      '/$',
      '/(.*)',
    ],
    ...['?', '/?', '/??', '/#', '/;', '/analytics;/events', '/analytics/events/..', '/analytics//dau'],
    ...[
      '/Analytics/Dau',
      '/analytics/dau%2frealtime',
      '/analytics%2fdau',
      '/__proto__',
      '/constructor',
      '/toString',
    ],
    ...[`/${'a/'.repeat(4_000)}`, `/${'%61'.repeat(4_000)}`, `/${'../'.repeat(4_000)}`],
  ];

  it.each(
    TARGETS.map((target) => [
      target.length > 80 ? `${target.slice(0, 20)}… (${target.length})` : target,
      target,
    ]),
  )('%s leads nowhere', async (_, target) => {
    for (const method of ['GET', 'POST']) {
      const answer = await wire(developing, get(target).replace('GET', method));
      const { status, text, headers } = answer;
      expect([400, 401, 403, 404, 405]).toContain(status);
      expect(faultsOfProblem({ status, contentType: headers['content-type'] ?? '', text })).toEqual([]);
      expect(text).not.toMatch(/root:|"dependencies"|\[core\]/);
    }
  });

  it('are what they are, whatever host they are asked of', async () => {
    for (const host of [
      'evil.example',
      '127.0.0.1:1',
      'evil.example:80@x',
      '[::1]',
      'localhost',
      'a'.repeat(1_000),
      '',
    ]) {
      for (const target of [
        '/health/live',
        '/api/docs',
        '/api/docs-json',
        '/nothing',
        'http://evil.example/health/live',
      ]) {
        const answer = await wire(
          developing,
          `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: gopher\r\nX-Original-URL: /metrics\r\nX-Rewrite-URL: /metrics\r\nConnection: close\r\n\r\n`,
        );
        expect([200, 400, 404]).toContain(answer.status);
        expect(answer.headers['location']).toBeUndefined();
        expect(answer.text).not.toMatch(/evil\.example|gopher:|process_cpu/);
      }
    }
  });
});

describe('the log', () => {
  const forgeries = [
    `\n${MARK}`,
    `\r\n[analytics-presence] 1  - 11/23/2026, 1:00:00 AM     LOG [Main] ${MARK}`,
    `"}\n{"level":"fatal","message":"${MARK}"}`,
    `\u001b[2J\u001b[1;31m${MARK}\u001b[0m`,
    `\u2028${MARK}\u2029`,
    `\u0085${MARK}`,
    `%0d%0a${MARK}`,
    `\\n${MARK}`,
    `\${jndi:ldap://127.0.0.1:9/${MARK}}`,
    `\u202e${MARK}`,
    `\0${MARK}`,
  ];
  const secretInstall = `install-${randomUUID()}`;
  const secretUser = '8070605040302010907';
  const secretToken = signToken({ userId: secretUser }, { secret: SECRET });
  const secretCookie = randomUUID();

  async function provoke(service: Service): Promise<void> {
    for (const text of forgeries) {
      const encoded = encodeURIComponent(text);
      await send(service, [
        { ...event(), installId: `install ${text}` },
        { ...event(), eventName: text },
        { ...event(), userId: text },
        { ...event(), eventId: text },
        { ...event(), clientTs: text },
        { ...event(), properties: { [text]: text, province: text, os: text, appVersion: text } },
        text,
      ]);
      await Promise.all([
        postJson(
          `${service.url}/presence/heartbeat`,
          { installId: text.padEnd(20, 'x'), appVersion: text, clientTs: 1 },
          { token },
        ),
        postJson(`${service.url}/presence/heartbeat`, `{"installId":"${text}`, { token }),
        request(`${service.url}/${encoded}?x=${encoded}`, { method: 'GET' }),
        request(`${service.url}/analytics/dau?startDate=${encoded}&endDate=${encoded}`, { token }),
        request(`${service.url}/analytics/events`, { method: 'PUT', headers: { 'user-agent': encoded } }),
        // By hand, with the bytes as they are.
        exchange(service.url, get(`/${text}`), { timeoutMs: 2_000, answers: 1 }),
        exchange(
          service.url,
          get('/nothing', `User-Agent: ${text}\r\nReferer: ${text}\r\nX-Request-Id: ${text}\r\n`),
          {
            timeoutMs: 2_000,
            answers: 1,
          },
        ),
        exchange(service.url, `${text} / HTTP/1.1\r\n\r\n`, { timeoutMs: 2_000, answers: 1 }),
        exchange(service.url, get('/health/live').replace('Host: x', `Host: ${text}`), {
          timeoutMs: 2_000,
          answers: 1,
        }),
      ]);
    }
    const headers = { cookie: `session=${secretCookie}`, 'x-internal-api-key': INTERNAL_KEY };
    for (const tried of [
      secretToken,
      `${secretToken}x`,
      signToken({ userId: secretUser }, { secret: SECRET, expiresInSeconds: -60 }),
    ]) {
      await send(
        service,
        [event({ installId: secretInstall }), { ...event({ installId: secretInstall }), eventName: '1' }],
        {
          token: tried,
          headers,
        },
      );
      const body = { installId: secretInstall, appVersion: '1', clientTs: nowSeconds() };
      await postJson(`${service.url}/presence/heartbeat`, body, { token: tried, headers });
      await request(`${service.url}/analytics/dau/realtime?token=${tried}`, { token: tried, headers });
      await request(
        `${service.url}/internal/analytics/dau?startDate=${shanghaiDay()}&endDate=${shanghaiDay()}`,
        { headers },
      );
    }
    await send(service, [event({ installId: secretInstall, userId: secretUser })]);
  }

  function expectNothingPersonal(output: string): void {
    for (const secret of [secretInstall, secretUser, secretCookie, SECRET, INTERNAL_KEY, token, secretToken])
      expect(output).not.toContain(secret);
    expect(output).not.toMatch(/postgresql:\/\/|Bearer ey/);
  }

  it('of a developer has no line that was written by a client, and nothing that is nobody’s business', async () => {
    await provoke(developing);
    const output = developing.output();
    expect(output).not.toContain(MARK);
    // eslint-disable-next-line no-control-regex -- what would steer a terminal
    expect(output).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
    expectNothingPersonal(output);
  });

  it('of production is one JSON object a line, whoever sends what', async () => {
    await provoke(productive);
    const lines = productive.output().trim().split('\n');
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), pid: expect.any(Number) });
    expect(productive.output()).not.toContain(MARK);
    expectNothingPersonal(productive.output());
  });

  it('and metrics hold no names that a client made up', async () => {
    for (const service of [developing, productive]) {
      const { text } = await request(`${service.url}/metrics`);
      expect(text).not.toContain(MARK);
      expect(text).not.toContain(secretInstall);
      expectNothingPersonal(text);
      // The series of requests are bounded: by routes, methods and statuses there are.
      const series = text.split('\n').filter((line) => /^\w*http_request_duration_seconds_count/.test(line));
      expect(series.length).toBeGreaterThan(0);
      expect(series.length).toBeLessThan(120);
    }
  });

  it('tells of an outage without the password of what is away', async () => {
    const password = 'p4ssw0rd-of-the-database';
    const outage = await startService({
      env: {
        DATABASE_URL: `postgresql://somebody:${password}@127.0.0.1:1/nowhere`,
        REDIS_HOST: redis.host,
        REDIS_PORT: String(redis.port),
        REDIS_PASSWORD: 'p4ssw0rd-of-the-redis',
        LOG_LEVEL: 'debug',
      },
    });
    const answer = await send(outage, [event()]);
    expectProblem(answer, 503, 'database_unavailable');
    const ready = await request(`${outage.url}/health/ready`);
    for (const text of [answer.text, ready.text, outage.output()]) expect(text).not.toMatch(/p4ssw0rd/);
    await outage.stop();
    expect(outage.output()).not.toMatch(/p4ssw0rd/);
  });
});

describe('a log that nobody reads any more', () => {
  it('neither ends the service, nor makes it spin, nor keeps it from ending', async () => {
    const service = spawnProcess(process.execPath, [resolve('dist/src/main.js')], {
      // No `.env` is there.
      cwd: '/',
      env: { NODE_ENV: 'test', PORT: '0', JWT_SECRET: SECRET, DATABASE_URL: 'postgresql://a@127.0.0.1:1/x' },
    });
    const [, url = ''] = await service.line(/Listening on (http:\/\/[\d.]+:\d+)/);
    service.child.stdout?.destroy();
    service.child.stderr?.destroy();
    // Each is a line of its log.
    for (let i = 0; i < 3; i++)
      expectProblem(
        await postJson(`${url}/analytics/events`, { events: [event()] }),
        503,
        'database_unavailable',
      );
    const metric = async (name: string): Promise<number> =>
      Number(new RegExp(`^\\w*${name} ([\\d.e+-]+)`, 'm').exec((await request(`${url}/metrics`)).text)?.[1]);
    const before = await metric('process_cpu_seconds_total');
    await sleep(2_000);
    expect((await metric('process_cpu_seconds_total')) - before).toBeLessThan(1);
    expect(await service.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});

describe('a configuration that is wrong is told without its secrets:', () => {
  it.each(['DATABASE_URL', 'DATABASE_MIGRATION_URL'])('a %s that no parser takes', async (name) => {
    const { exitCode, output } = await runBuilt('src/main.js', [], {
      DATABASE_URL: 'postgresql://somebody@127.0.0.1:1/x',
      [name]: 'postgresql://somebody:t0psecret@127.0.0.1:99999/x',
      LOG_LEVEL: 'debug',
    });
    expect(exitCode).toBe(1);
    expect(output).toContain(`${name} must be a URL`);
    expect(output).not.toMatch(/t0psecret|99999|ERR_INVALID_URL|\bat .+:\d+:\d+/);
  });

  it.each([
    ['in production', { NODE_ENV: 'production' }],
    ['in development', { NODE_ENV: 'development' }],
  ])('%s', async (_, mode) => {
    const secrets = {
      JWT_SECRET: 'sh0rt-jwt',
      JWT_SECRET_PREVIOUS: 'sh0rt-previous',
      INTERNAL_API_KEY: 'sh0rt-key',
      DATABASE_URL: 'mysql://somebody:sh0rt-database@db/x',
      DATABASE_MIGRATION_URL: 'sh0rt-migration',
      REDIS_PASSWORD: 'sh0rt-redis',
      KAFKA_SASL_PASSWORD: 'sh0rt-kafka',
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_BROKERS: 'somebody:sh0rt-broker@kafka',
      CORS_ORIGINS: 'https://somebody:sh0rt-origin@admin.example.com',
      TRUSTED_PROXIES: 'sh0rt-proxy',
      PORT: 'sh0rt-port',
    };
    const { exitCode, output } = await runBuilt('src/main.js', [], {
      ...secrets,
      ...mode,
      LOG_LEVEL: 'debug',
    });
    expect(exitCode).toBe(1);
    expect(output).toContain('DATABASE_URL');
    expect(output).not.toMatch(/sh0rt-(?!origin|proxy)/);
    // A name of a host may be told, what stands before an @ may not.
    expect(output).not.toContain('sh0rt-origin@');
    expect(output).not.toMatch(/\bat .+:\d+:\d+/);
  });
});
