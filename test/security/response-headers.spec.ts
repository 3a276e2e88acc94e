import { readdirSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { expectNoInsides } from '../support/expect-problem.js';
import { request, type Answer, type RequestOptions } from '../support/http.js';
import { sleep, waitFor } from '../support/processes.js';
import { runBuilt, settings, startService, type Service } from '../support/service.js';
import { ORIGIN, startLoggedServices, token, type LoggedServices } from './support/logged-services.js';
import { faultsOfProblem } from './support/problems.js';
import { exchangeOne, rawGet } from './support/raw-request.js';
import { RawConnection, type WireAnswer } from './support/wire.js';

jest.setTimeout(60_000);

let services: LoggedServices;
let developing: Service;
let productive: Service;
/** A script of the built page. */
let pageFile: string;

beforeAll(async () => {
  services = await startLoggedServices();
  ({ developing, productive } = services);
  const { text } = await request(`${developing.url}/dashboard`);
  pageFile = /(?:src|href)="(\/dashboard\/assets\/[^"]+)"/.exec(text)![1]!;
});

afterAll(() => services?.stop());

describe('every response', () => {
  const kinds: readonly (readonly [kind: string, status: number, data: () => string])[] = [
    ['online count', 200, () => rawGet('/presence/online-count', `Authorization: Bearer ${token}\r\n`)],
    ['health', 200, () => rawGet('/health/live')],
    ['readiness', 200, () => rawGet('/health/ready')],
    ['metrics', 200, () => rawGet('/metrics')],
    ['the OpenAPI document', 200, () => rawGet('/api/docs-json')],
    ['the Swagger page', 200, () => rawGet('/api/docs')],
    ['a script of the Swagger page', 200, () => rawGet('/api/docs/swagger-ui-bundle.js')],
    ['a missing docs file', 404, () => rawGet('/api/docs/nothing.js')],
    ['the page', 200, () => rawGet('/dashboard')],
    ['a file of the page', 200, () => rawGet(pageFile)],
    ['a missing file of the page', 404, () => rawGet('/dashboard/assets/nothing.js')],
    ['an unsupported method on the page', 405, () => rawGet('/dashboard').replace('GET', 'POST')],
    ['the way to the page', 302, () => rawGet('/')],
    ['the service status', 200, () => rawGet('/status', `Authorization: Bearer ${token}\r\n`)],
    ['an invalid query', 400, () => rawGet('/analytics/dau', `Authorization: Bearer ${token}\r\n`)],
    ['a missing token', 401, () => rawGet('/analytics/dau')],
    ['a missing key', 401, () => rawGet('/internal/analytics/dau')],
    ['an unknown route', 404, () => rawGet('/nothing')],
    ['an unsupported method', 405, () => rawGet('/analytics/events')],
    ['an invalid target', 400, () => rawGet('/%')],
    ['two Host headers', 400, () => rawGet('/health/live', 'Host: y\r\n')],
    ['a file beside the Swagger page', 404, () => rawGet('/api/docs/package.json')],
    ['a file beside it, by its other address', 404, () => rawGet('/api/docs/docs/package.json')],
    ['malformed JSON', 400, () => posted('application/json', '{')],
    ['an oversized body', 413, () => posted('application/json', '', 'Content-Length: 2000000\r\n')],
    ['a body in XML', 415, () => posted('text/xml', '<a/>')],
    ['an unknown encoding', 415, () => posted('application/json', '{}', 'Content-Encoding: br\r\n')],
    ['oversized headers', 431, () => rawGet('/', `X: ${'x'.repeat(20_000)}\r\n`)],
    ['text that is not HTTP', 400, () => 'nonsense\r\n\r\n'],
  ];
  const posted = (type: string, body: string, headers = `Content-Length: ${body.length}\r\n`): string =>
    `POST /analytics/events HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\n${headers.includes('Length') ? headers : `${headers}Content-Length: ${body.length}\r\n`}Connection: close\r\n\r\n${body}`;

  function expectGuarded(answer: WireAnswer, kind: string, isDocs = false): void {
    const { status, headers, text } = answer;
    expect(headers['x-content-type-options']).toBe('nosniff');
    // Pages and their files are public, so they may be cached.
    if (!/^(a script|the page|a file of the page)/.test(kind))
      expect(headers['cache-control']).toBe('no-store');
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['x-request-id']).toMatch(/^[\w-]{36}$/);
    for (const banner of ['server', 'x-powered-by', 'via', 'x-aspnet-version', 'x-runtime'])
      expect(headers[banner]).toBeUndefined();
    // The Swagger page and the metrics of the runtime name products; both are for internal networks.
    if (!isDocs && kind !== 'metrics')
      expect(JSON.stringify(answer)).not.toMatch(/nest(js)?\b|fastify|express|node\.js/i);
    if (status >= 400) {
      expect(faultsOfProblem({ status, contentType: headers['content-type'] ?? '', text })).toEqual([]);
      expectNoInsides(text);
      expect(JSON.parse(text)).toMatchObject({ requestId: headers['x-request-id'] });
    }
    if (!isDocs) expect(headers['content-security-policy']).not.toContain('unsafe');
  }

  it.each(kinds)('has security headers and names no product (%s, %i)', async (kind, status, data) => {
    for (const service of [developing, productive]) {
      const answer = await exchangeOne(service.url, data());
      expect(answer.status).toBe(status);
      expectGuarded(answer, kind, data().includes('/api/docs'));
    }
  });

  it('has security headers and names no product (shutting down, 503)', async () => {
    const stopping = await startService({
      env: settings({ databaseUrl: services.deployment.database.serviceUrl }),
    });
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

  it('has the same browser protection whether a route, the filter or the parser answers', async () => {
    for (const data of [
      rawGet('/health/live'),
      rawGet('/nothing'),
      rawGet('/health/live', 'Host: y\r\n'),
      rawGet('/api/docs'),
    ]) {
      expect((await exchangeOne(productive.url, data)).headers).toMatchObject({
        'cross-origin-resource-policy': 'same-origin',
        'strict-transport-security': 'max-age=31536000; includeSubDomains',
        'x-frame-options': 'DENY',
      });
    }
  });

  it('lets the page load its own files alone, and turn no text into markup', async () => {
    for (const service of [developing, productive])
      for (const path of ['/dashboard', '/dashboard/', pageFile, '/dashboard/nothing']) {
        const { headers } = await exchangeOne(service.url, rawGet(path));
        const policy: Readonly<Record<string, string>> = Object.fromEntries(
          headers['content-security-policy']!.split(';').map((rule) => {
            const [name, ...sources] = rule.trim().split(' ');
            return [name!, sources.join(' ')] as const;
          }),
        );
        expect(policy).toEqual({
          'default-src': "'none'",
          'script-src': "'self'",
          'style-src': "'self'",
          'img-src': "'self' data:",
          'font-src': "'self'",
          'connect-src': "'self'",
          'base-uri': "'none'",
          'form-action': "'none'",
          'frame-ancestors': "'none'",
          'require-trusted-types-for': "'script'",
          'trusted-types': "'none'",
        });
        expect(headers).toMatchObject({
          'cross-origin-opener-policy': 'same-origin',
          'x-frame-options': 'DENY',
        });
      }
  });

  it.each([
    '/dashboard/../package.json',
    '/dashboard/..%2fpackage.json',
    '/dashboard/%2e%2e/src/main.js',
    '/dashboard/assets/../../src/main.js',
    '/dashboard/assets/..%5c..%5cpackage.json',
    '/dashboard//etc/passwd',
    '/dashboard/assets',
    '/dashboard/assets/',
    '/dashboard/.env',
    '/dashboard/%00',
    '/dashboard/assets/%2e%2e%2f%2e%2e%2f.tsbuildinfo',
    '/dashboard/index.html%00.js',
    '/DASHBOARD',
  ])('is 404 for the path %s, which is no file of the page', async (path) => {
    const answer = await exchangeOne(developing.url, rawGet(path));
    expect(answer.status).toBe(404);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('is 404 for every swagger-ui file that the Swagger page does not load', async () => {
    const { text: page } = await exchangeOne(developing.url, rawGet('/api/docs'));
    const loaded = [...page.matchAll(/(?:src|href)="\.\/docs\/([^"]+)"/g)].map(([, file]) => file!);
    expect(loaded.length).toBeGreaterThanOrEqual(5);
    const served: string[] = [];
    for (const file of [...new Set([...readdirSync('node_modules/swagger-ui-dist'), ...loaded])]) {
      const { status } = await exchangeOne(developing.url, rawGet(`/api/docs/${file}`));
      if (status === 200) served.push(file);
      else expect({ file, status }).toEqual({ file, status: 404 });
    }
    expect(served.filter((file) => file !== 'index.html').sort()).toEqual([...loaded].sort());
    for (const path of [
      '%70ackage.json',
      './package.json',
      'x/../package.json',
      '/package.json',
      'package.json/',
    ])
      expect((await exchangeOne(developing.url, rawGet(`/api/docs/${path}`))).status).toBe(404);
  });

  it('has WWW-Authenticate with 401 and Allow with 405', async () => {
    expect((await exchangeOne(developing.url, rawGet('/analytics/dau'))).headers['www-authenticate']).toBe(
      'Bearer',
    );
    expect(
      (await exchangeOne(developing.url, rawGet('/internal/analytics/dau'))).headers['www-authenticate'],
    ).toMatch(/^ApiKey/);
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
      ['/internal/presence/heartbeats', 'GET', 'POST'],
      ['/analytics/dau', 'TRACE', 'GET'],
    ];
    for (const [path, method, allow] of routes) {
      const answer = await request(`${developing.url}${path}`, { method }).catch(() => null);
      // fetch refuses to send TRACE.
      const { status, headers } = answer ?? (await sendTrace(path));
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

  const sendTrace = (path: string): Promise<WireAnswer> =>
    exchangeOne(
      developing.url,
      `TRACE ${path} HTTP/1.1\r\nHost: x\r\nX-Secret: echo-me\r\nConnection: close\r\n\r\n`,
    );

  it('to HEAD equals the response to GET without its body', async () => {
    for (const path of [
      '/health/live',
      '/metrics',
      '/presence/online-count',
      '/dashboard',
      '/',
      '/nothing',
    ]) {
      const head = await request(`${developing.url}${path}`, { method: 'HEAD' });
      const { status } = await request(`${developing.url}${path}`);
      expect({ path, status: head.status, text: head.text }).toEqual({ path, status, text: '' });
    }
  });

  it('to TRACE echoes no request header', async () => {
    expect(JSON.stringify(await sendTrace('/health/live'))).not.toContain('echo-me');
  });
});

describe('CORS', () => {
  const send = (service: Service, origin: string, options: RequestOptions = {}): Promise<Answer> =>
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
  const corsHeaders = (answer: Answer): string[] =>
    [...answer.headers.keys()].filter((name) => name.startsWith('access-control-'));

  it('grants nothing when no origin is configured', async () => {
    for (const origin of [ORIGIN, 'null', 'http://localhost:3000', developing.url]) {
      expect(corsHeaders(await send(developing, origin))).toEqual([]);
      expect(corsHeaders(await preflight(developing, origin))).toEqual([]);
    }
  });

  it('grants a configured origin its requests without credentials', async () => {
    const answer = await send(productive, ORIGIN);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(answer.headers.get('vary')).toMatch(/\borigin\b/i);
    const preflighted = await preflight(productive, ORIGIN);
    expect(preflighted.status).toBe(204);
    expect(preflighted.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(preflighted.headers.get('access-control-allow-methods')).not.toMatch(/PUT|DELETE|PATCH|\*/);
    expect(preflighted.headers.get('access-control-allow-headers')).not.toContain('*');
    for (const { headers } of [answer, preflighted])
      expect(headers.get('access-control-allow-credentials')).toBeNull();
    // The page must be able to read an error.
    const refused = await send(productive, ORIGIN, { token: 'nonsense' });
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
  ])('grants nothing to the origin "%s"', async (origin) => {
    for (const answer of [await send(productive, origin), await preflight(productive, origin)]) {
      const allowed = answer.headers.get('access-control-allow-origin');
      expect([null, ORIGIN, 'https://other.example.com:8443']).toContain(allowed);
      expect(allowed).not.toBe(origin);
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });

  it('answers OPTIONS with a problem when it is not a preflight', async () => {
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
  ])('refuses to start with CORS_ORIGINS=%s', async (origins) => {
    const { exitCode, output } = await runBuilt('src/main.js', [], {
      ...settings({ databaseUrl: services.deployment.database.serviceUrl }),
      CORS_ORIGINS: origins,
    });
    expect(exitCode).toBe(1);
    expect(output).toContain('CORS_ORIGINS');
  });
});
