import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import createClient from 'openapi-fetch';

import { SAMPLE_CALLS, type Answer, type Api } from '../../clients/openapi/sample-calls.js';
import type { paths } from '../../clients/openapi/schema.js';
import { readOpenApiDocument } from '../../tools/docs/openapi-document.js';
import {
  operations,
  prefilledRequest,
  type NamedOperation,
  type OpenApi,
} from '../../tools/docs/openapi-requests.js';
import { Deployment } from '../support/deployment.js';
import { postJson, request, signToken } from '../support/http.js';
import { waitFor } from '../support/processes.js';
import type { Service } from '../support/service.js';
import { event, nowSeconds } from '../support/events.js';
import { expectNoInsides, expectProblem } from '../support/expect-problem.js';
import { mismatches, withoutExample } from './support/openapi.js';
import { ROUTES } from './support/routes.js';

const REQUEST_ID = { 'X-Request-Id': '019ab2d4-5c11-7e7a-9d0f-3f2f6c1f7a55' };
const SPAN = 'startTime=2025-01-15T00:00:00Z&endTime=2025-01-16T00:00:00Z';
const INTERNAL_KEY = 'the-key-of-the-reporting-service';

let deployment: Deployment;
let service: Service;
let document: OpenApi;

beforeAll(async () => {
  deployment = await Deployment.create({ redis: true });
  service = await deployment.start({
    INTERNAL_API_KEY: INTERNAL_KEY,
    ADMIN_ROLES: 'admin',
    API_DOCS_INTERNAL: 'true',
  });
  document = (await request(`${service.url}/api/docs-json`)).body as OpenApi;
});

afterAll(async () => {
  expect(await deployment?.remove()).toEqual([0]);
});

function operation(name: string): NamedOperation {
  const found = operations(document).find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`${name} is not documented`);
  return found;
}

describe('the OpenAPI document', () => {
  it.each(['/api/docs', '/api/docs/', '/api/docs/index.html'])(
    'is shown on a Swagger page whose files load, at %s',
    async (address) => {
      const page = await request(`${service.url}${address}`);
      expect(page.status).toBe(200);
      expect(page.headers.get('content-type')).toMatch(/^text\/html/);
      expect(page.text).toContain('swagger-ui');
      const files = [...page.text.matchAll(/(?:src|href)="(\.\/[^"]+\.(?:js|css))"/g)].map(
        ([, file]) => file!,
      );
      expect(files.length).toBeGreaterThan(2);
      for (const file of files) {
        const answer = await request(new URL(file, `${service.url}${address}`).href);
        expect({ file, status: answer.status }).toEqual({ file, status: 200 });
      }
    },
  );

  it('serves no other file of the package that has the Swagger page', async () => {
    const packageFile = createRequire(import.meta.url).resolve('swagger-ui-dist/package.json');
    const files = await readdir(dirname(packageFile));
    const served: string[] = [];
    for (const directory of ['/api/docs', '/api/docs/docs'])
      for (const file of ['', ...files]) {
        const { status, headers } = await request(`${service.url}${directory}/${file}`);
        if (status === 200 && headers.get('last-modified') !== null) served.push(file);
        else if (status !== 200) expect(status).toBe(404);
      }
    const shown = [
      'favicon-16x16.png',
      'favicon-32x32.png',
      'swagger-ui-bundle.js',
      'swagger-ui-standalone-preset.js',
      'swagger-ui.css',
    ];
    expect(served.sort()).toEqual([...shown, ...shown].sort());
  });

  it('is the one that the types of the page and of clients are made from', async () => {
    const { paths, components } = await readOpenApiDocument();
    expect(JSON.parse(JSON.stringify(paths))).toEqual(document.paths);
    expect(JSON.parse(JSON.stringify(components?.schemas))).toEqual(document.components.schemas);
  });

  it('lists exactly the routes of the contract, each with a summary', () => {
    expect(
      operations(document)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(ROUTES);
    expect(operations(document).filter(({ summary = '' }) => summary === '')).toEqual([]);
  });

  it('has an example for every request field and every parameter that is required', () => {
    const missing = operations(document).flatMap(({ name, requestBody, parameters = [] }) => [
      ...(name.startsWith('POST')
        ? withoutExample(document, requestBody?.content?.['application/json']?.schema, name)
        : []),
      ...parameters
        .filter(({ required }) => required === true)
        .flatMap((parameter) =>
          withoutExample(document, parameter.schema, `${name} ${parameter.name ?? ''}`),
        ),
    ]);
    expect(missing).toEqual([]);
  });

  it('has an example for every response', () => {
    const missing = operations(document).flatMap(({ name, responses }) => {
      const good = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      if (good.length === 0) return [`${name} has no answer`];
      return good.flatMap(([status, { content = {} }]) => {
        const [media] = Object.values(content);
        return media?.example !== undefined
          ? []
          : withoutExample(document, media?.schema, `${name} ${status}`);
      });
    });
    expect(missing).toEqual([]);
  });

  it('has an example problem with status and code for every error', () => {
    const errors = operations(document).flatMap(({ name, path, responses }) =>
      Object.entries(responses)
        .filter(([status]) => status >= '4')
        .map(([status, { content }]) => ({ name, path, status: Number(status), content })),
    );
    expect(errors.length).toBeGreaterThan(25);
    for (const { name, path, status, content } of errors) {
      // Readiness reports unavailable dependencies in its usual format.
      if (name === 'GET /health/ready') continue;
      const problem = content?.['application/problem+json'];
      const example = problem?.example as Readonly<Record<string, unknown>>;
      expect({ name, example }).toEqual({
        name,
        example: {
          type: `urn:problem:analytics-presence:${String(example['code'])}`,
          title: expect.stringMatching(/\w/),
          status,
          detail: expect.stringMatching(/\w/),
          instance: path,
          code: expect.stringMatching(/^[a-z]+(_[a-z]+)*$/),
          requestId: REQUEST_ID['X-Request-Id'],
        },
      });
      expect(mismatches(document, problem?.schema, example)).toEqual([]);
    }
  });

  it('fills in requests that work as they are, with a token like the one that a development start prints', async () => {
    // `npm run check:api` sends the same requests, as the Bruno collection, with the printed token itself.
    const token = signToken({ userId: '42', roles: ['admin'] });
    for (const each of operations(document)) {
      // The stream would not end.
      if (each.path === '/live') continue;
      const { query, body } = prefilledRequest(document, each);
      const search = new URLSearchParams(query.map(([name, value]): [string, string] => [name, value]));
      const answer = await request(`${service.url}${each.path}?${search.toString()}`, {
        method: each.method,
        token,
        headers: { 'X-Internal-Api-Key': INTERNAL_KEY, 'Content-Type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const { status, text } = answer;
      expect({ name: each.name, status, text }).toEqual({ name: each.name, status: 200, text });
      const verdict = answer.body as { readonly failed?: number } | undefined;
      expect(verdict?.failed ?? 0).toBe(0);
    }
  });

  it('makes a typed client, each of whose calls succeeds', async () => {
    const api = createClient<paths>({
      baseUrl: service.url,
      headers: {
        Authorization: `Bearer ${signToken({ userId: '42', roles: ['admin'] })}`,
        'X-Internal-Api-Key': INTERNAL_KEY,
      },
    });
    for (const [name, call] of Object.entries<(api: Api) => Promise<Answer>>(SAMPLE_CALLS)) {
      const { data, error, response } = await call(api);
      expect({ name, status: response.status, error }).toEqual({ name, status: 200, error: undefined });
      if (data instanceof ReadableStream) await data.cancel();
      else expect({ name, data }).toEqual({ name, data: expect.anything() });
    }
  });

  it('declares which routes need a token, accept one, or need a key', () => {
    const security = Object.fromEntries(
      operations(document).map(({ name, security: required = [] }) => [
        name,
        required.map((one) => Object.keys(one).join()).sort(),
      ]),
    );
    const token = ['bearer'];
    expect(security).toEqual({
      'GET /analytics/active-users': token,
      'GET /analytics/dau': token,
      'GET /analytics/dau/realtime': token,
      'GET /analytics/lifecycle': token,
      'GET /analytics/retention': token,
      'GET /analytics/rolling-active-users': token,
      'GET /health/live': [],
      'GET /health/ready': [],
      'GET /internal/analytics/active-users': ['internal-key'],
      'GET /internal/analytics/dau': ['internal-key'],
      'GET /internal/analytics/lifecycle': ['internal-key'],
      'GET /internal/analytics/retention': ['internal-key'],
      'GET /internal/analytics/rolling-active-users': ['internal-key'],
      'GET /internal/presence/daily': ['internal-key'],
      'GET /internal/presence/online-history': ['internal-key'],
      'GET /presence/daily': token,
      'GET /live': token,
      'GET /metrics': [],
      'GET /presence/online-count': token,
      'GET /presence/online-history': token,
      'GET /status': token,
      'POST /analytics/events': ['', 'bearer'],
      'POST /internal/presence/heartbeats': ['internal-key'],
      'POST /presence/heartbeat': token,
    });
    expect(Object.keys(document.components.securitySchemes).sort()).toEqual(['bearer', 'internal-key']);
  });

  it('shows the real response to an expired token and a missing key', async () => {
    const expired = signToken({ userId: '1' }, { expiresInSeconds: -60 });
    for (const { name, method, path, responses } of operations(document)) {
      const documented = responses['401']?.content?.['application/problem+json']?.example;
      if (documented === undefined) continue;
      const answer = await request(`${service.url}${path}`, { method, token: expired, headers: REQUEST_ID });
      expect({ name, body: answer.body }).toEqual({ name, body: documented });
    }
  });

  it('shows the real response to a missing role', async () => {
    const token = signToken({ userId: '1' });
    for (const { name, method, path, responses } of operations(document)) {
      const documented = responses['403']?.content?.['application/problem+json']?.example;
      if (documented === undefined) continue;
      const answer = await request(`${service.url}${path}`, { method, token, headers: REQUEST_ID });
      expect({ name, body: answer.body }).toEqual({ name, body: documented });
    }
  });
});

describe('responses', () => {
  const admin = signToken({ userId: '1', role: 'admin' });
  const get = (path: string) => () => request(`${service.url}${path}`, { token: admin });

  beforeAll(async () => {
    const today = await postJson(`${service.url}/analytics/events`, {
      events: [event({ properties: { province: '广东省', city: '深圳市' } })],
    });
    expect(today.status).toBe(200);
    const { stored } = deployment;
    await stored.rows(
      `INSERT INTO analytics_online_snapshots (ts, online_count) VALUES ('2025-01-15T10:30:00Z', 7)`,
    );
    await stored.rows(`INSERT INTO analytics_daily_active_users (day, dau_count, dau_by_province, dau_by_city, calculated_at)
                      VALUES ('2025-01-15', 3, '{"广东省": 2}', '{"深圳市": 1}', now())`);
  });

  it.each([
    [
      'POST /analytics/events',
      () =>
        postJson(`${service.url}/analytics/events`, { events: [event(), { ...event(), installId: 'x' }] }),
    ],
    [
      'POST /presence/heartbeat',
      () =>
        postJson(
          `${service.url}/presence/heartbeat`,
          { installId: 'install-1', appVersion: '1', clientTs: nowSeconds() },
          { token: signToken({ userId: '5' }) },
        ),
    ],
    ['GET /analytics/dau', get('/analytics/dau?startDate=2025-01-15&endDate=2025-01-15')],
    ['GET /analytics/dau/realtime', get('/analytics/dau/realtime')],
    ...[
      'active-users?interval=span&breakdown=city&startDate=2025-01-15&endDate=2025-01-15',
      'rolling-active-users?startDate=2025-01-15&endDate=2025-01-15',
      'lifecycle?startDate=2025-01-15&endDate=2025-01-15',
      'retention?cohort=active&startDate=2025-01-15&endDate=2025-01-15',
    ].map((path): [string, () => ReturnType<typeof request>] => [
      `GET /analytics/${path.split('?')[0]!}`,
      get(`/analytics/${path}`),
    ]),
    ['GET /presence/online-count', get('/presence/online-count')],
    ['GET /presence/online-history', get(`/presence/online-history?${SPAN}`)],
    [
      'GET /internal/analytics/dau',
      () =>
        request(`${service.url}/internal/analytics/dau?startDate=2025-01-15&endDate=2025-01-15`, {
          headers: { 'X-Internal-Api-Key': INTERNAL_KEY },
        }),
    ],
    ['GET /presence/daily', get('/presence/daily?startDate=2025-01-15&endDate=2025-01-15')],
    ...['daily?startDate=2025-01-15&endDate=2025-01-15', `online-history?${SPAN}`].map(
      (path): [string, () => ReturnType<typeof request>] => [
        `GET /internal/presence/${path.split('?')[0]!}`,
        () =>
          request(`${service.url}/internal/presence/${path}`, {
            headers: { 'X-Internal-Api-Key': INTERNAL_KEY },
          }),
      ],
    ),
    ['GET /status', get('/status')],
    ['GET /health/live', get('/health/live')],
    ['GET /health/ready', get('/health/ready')],
  ])('match the OpenAPI document: %s', async (name, send) => {
    const { status, headers, body } = await send();
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    const schema = operation(name).responses['200']?.content?.['application/json']?.schema;
    expect(mismatches(document, schema, body)).toEqual([]);
    // An empty list would conform to any schema.
    if (Array.isArray((body as { data?: unknown }).data)) expect(body).toMatchObject({ total: 1 });
  });
});

describe('GET /metrics', () => {
  const REJECTED = /^analytics_events_rejected_total\{code="event_name_invalid"\} [1-9]/m;

  it('returns Prometheus text with labels for routes, never for paths', async () => {
    await postJson(`${service.url}/analytics/events`, { events: [event(), {}] });
    await request(`${service.url}/nowhere/in-particular`);
    // A text that was rendered before serves all who ask within a second.
    const { status, headers, text } = await waitFor(async () => {
      const answer = await request(`${service.url}/metrics`);
      return REJECTED.test(answer.text) ? answer : null;
    }, 5_000);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    for (const line of text.split('\n').filter(Boolean)) {
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|[a-zA-Z_]\w*(\{[^}]*\})? -?(\d[\d.e+-]*|Nan|\+Inf))$/);
    }
    expect(text).toMatch(/^analytics_events_total\{result="accepted"\} [1-9]/m);
    expect(text).toMatch(
      /^analytics_http_request_duration_seconds_count\{method="POST",route="\/analytics\/events",status="200"\} [1-9]/m,
    );
    expect(text).toMatch(/^analytics_flush_duration_seconds_count [1-9]/m);
    expect(text).toMatch(/^process_resident_memory_bytes [1-9]/m);
    expect(text).not.toContain('in-particular');
  });
});

describe('an unknown route or method', () => {
  it.each([
    '/nope',
    '/dashboard/nope',
    '/dashboard/assets/',
    '/api',
    '/analytics',
    '/analytics/events/',
    '/ANALYTICS/DAU',
    '//health/live',
    '/api/docs/nope.js',
    '/%00',
    '/..%2f..%2fetc%2fpasswd',
  ])('returns 404 for %s', async (path) => {
    expectProblem(await request(`${service.url}${path}`), 404, 'route_not_found');
    expectProblem(await postJson(`${service.url}${path}`, {}), 404, 'route_not_found');
  });

  it('returns 404 without the query in the body', async () => {
    const answer = await request(`${service.url}/nope?token=secret-in-the-address`);
    expectProblem(answer, 404, 'route_not_found');
    expect(answer.text).not.toContain('secret-in-the-address');
  });

  it.each(ROUTES)('returns 405 with Allow for every method other than %s', async (route) => {
    const [own, path] = route.split(' ') as [string, string];
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      if (method === own) continue;
      const answer = await request(`${service.url}${path}`, { method });
      expectProblem(answer, 405, 'method_not_allowed');
      expect(answer.headers.get('allow')).toBe(own);
    }
    // HEAD returns the response to GET without its body.
    const [get, head] = await Promise.all(
      ['GET', 'HEAD'].map((method) => request(`${service.url}${path}`, { method })),
    );
    expect({ status: head!.status, text: head!.text }).toEqual({ status: get!.status, text: '' });
    expect(head!.status).toBeLessThan(500);
  });

  it('returns 400 when the path cannot be decoded', async () => {
    const answer = await request(`${service.url}/%`);
    expect(answer).toMatchObject({ status: 400, body: { status: 400, code: 'request_malformed' } });
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expectNoInsides(answer.text);
  });

  it.each([
    'HELLO\r\n\r\n',
    'GET /health/live HTTP/9.9\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  ])('returns a problem for malformed HTTP: %j', async (bytes) => {
    const answer = await sendRaw(service.url, bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).toMatch(/^content-type: application\/problem\+json/im);
    expectNoInsides(answer);
    expect((await request(`${service.url}/health/live`)).status).toBe(200);
  });
});

/** Sends raw bytes and reads until the service closes the connection. */
async function sendRaw(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), timeout: 5000 });
  socket.on('timeout', () => socket.destroy());
  socket.write(bytes);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}
