import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { event, nowSeconds, shanghaiDay } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import { postJson, request, type Answer } from '../support/http.js';
import type { OwnerDatabase } from '../support/owner-database.js';
import type { Service } from '../support/service.js';
import {
  expectNoControlCharacter,
  expectNoSecret,
  startDeveloping,
  token,
} from './support/logged-services.js';
import { faultsOfProblem } from './support/problems.js';
import { exchangeOne, rawGet } from './support/raw-request.js';

jest.setTimeout(60_000);

let deployment: Deployment;
let stored: OwnerDatabase;
let developing: Service;

beforeAll(async () => {
  deployment = await Deployment.create({ redis: true });
  ({ stored } = deployment);
  developing = await startDeveloping(deployment);
});

afterAll(() => deployment?.remove());

function send(service: Service, events: readonly unknown[]): Promise<Answer> {
  return postJson(`${service.url}/analytics/events`, { events });
}

describe('prototype keys', () => {
  const post = (text: string, path = '/analytics/events'): Promise<Answer> =>
    postJson(`${developing.url}${path}`, text, { token });

  it('add no field to a body', async () => {
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
    // Later requests are not polluted.
    expectProblem(await post('{}'), 400, 'batch_invalid');
    expectProblem(await post('{}', '/presence/heartbeat'), 400, 'request_invalid');
  });

  it('are no event fields and are removed from properties', async () => {
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

  it('are unknown query parameters', async () => {
    const day = shanghaiDay();
    for (const query of [
      `__proto__[startDate]=${day}&__proto__[endDate]=${day}`,
      `constructor.prototype.startDate=${day}&endDate=${day}`,
      `__proto__=x&constructor=y&prototype=z`,
      ...['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map(
        (name) => `startDate=${day}&endDate=${day}&${name}=x`,
      ),
    ])
      expectProblem(
        await request(`${developing.url}/analytics/dau?${query}`, { token }),
        400,
        'request_invalid',
      );
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
  ])('is rejected when it is ambiguous or malformed: %s', async (query) => {
    expectProblem(
      await request(`${developing.url}/analytics/dau?${query}`, { token }),
      400,
      'request_invalid',
    );
  });

  it('is rejected when it repeats a parameter of the online history', async () => {
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

describe('SQL', () => {
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

  it('in an event field is stored as plain text or rejected', async () => {
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

  it('in queries, heartbeats, headers and paths is rejected and has no effect', async () => {
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
      for (const { status, text: body } of answers) {
        expect(status).toBeGreaterThanOrEqual(400);
        expect(status).toBeLessThan(500);
        expect(body).not.toMatch(/syntax error|42601/);
      }
    }
    expect((await send(developing, [event()])).status).toBe(200);
  });
});

describe('a request target', () => {
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
  )('leads to no route and no file: %s', async (_, target) => {
    for (const method of ['GET', 'POST']) {
      const answer = await exchangeOne(developing.url, rawGet(target).replace('GET', method));
      const { status, text, headers } = answer;
      // The root leads to the page, whatever else the target says.
      if (status === 302 && headers['location'] === '/dashboard' && text === '') continue;
      expect([400, 401, 403, 404, 405]).toContain(status);
      expect(faultsOfProblem({ status, contentType: headers['content-type'] ?? '', text })).toEqual([]);
      expect(text).not.toMatch(/root:|"dependencies"|\[core\]/);
    }
  });

  it('is resolved independently of the Host header', async () => {
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
        const answer = await exchangeOne(
          developing.url,
          `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: gopher\r\nX-Original-URL: /metrics\r\nX-Rewrite-URL: /metrics\r\nConnection: close\r\n\r\n`,
        );
        expect([200, 400, 404]).toContain(answer.status);
        expect(answer.headers['location']).toBeUndefined();
        expect(answer.text).not.toMatch(/evil\.example|gopher:|process_cpu/);
      }
    }
  });
});

describe('the log after hostile input', () => {
  it('holds no control character and no secret', () => {
    const output = developing.output();
    expectNoControlCharacter(output);
    expectNoSecret(output);
  });
});
