import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { shanghaiDay } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { request, signToken, type Answer } from '../support/http.js';
import { runBuilt, settings, startService, type Service } from '../support/service.js';
import { exchange } from './support/wire.js';

const OLD_KEY = 'the-old-key-of-the-reporting-service';
const NEW_KEY = 'the-new-key-of-the-reporting-service';
const PATH = `/internal/analytics/dau?startDate=${shanghaiDay()}&endDate=${shanghaiDay()}`;

let database: TestDatabase;
/** Without a key. */
let closed: Service;
/** With two of them, and with `/internal` in its documentation. */
let keyed: Service;

beforeAll(async () => {
  database = await createTestDatabase();
  const env = settings({ databaseUrl: database.serviceUrl });
  [closed, keyed] = await Promise.all([
    startService({ env }),
    startService({
      env: {
        ...env,
        INTERNAL_API_KEY: `${OLD_KEY},${NEW_KEY}`,
        API_DOCS_INTERNAL: 'true',
        ADMIN_ROLES: 'admin',
      },
    }),
  ]);
}, 60_000);

afterAll(async () => {
  await Promise.all([closed?.stop(), keyed?.stop()]);
  await database?.drop();
});

function ask(service: Service, headers: Readonly<Record<string, string>> = {}, path = PATH): Promise<Answer> {
  return request(`${service.url}${path}`, { headers });
}

function expectClosed(answer: Answer): void {
  expectProblem(answer, 401, 'internal_key_invalid');
  expect(answer.headers.get('www-authenticate')).toMatch(/^ApiKey/);
  expect(answer.text).not.toContain('dauCount');
}

describe('where no key is configured, no key opens:', () => {
  it.each(['', ' ', 'undefined', 'null', 'false', '0', ',', NEW_KEY])('"%s"', async (key) => {
    expectClosed(await ask(closed, { 'x-internal-api-key': key }));
  });

  it('no header', async () => expectClosed(await ask(closed)));
});

describe('where keys are configured', () => {
  it.each([OLD_KEY, NEW_KEY])('each of them opens: %s', async (key) => {
    const { status, body } = await ask(keyed, { 'x-internal-api-key': key });
    expect({ status, body }).toMatchObject({ status: 200, body: { total: expect.any(Number) } });
  });

  it.each([
    ['another', 'a-key-that-nobody-has-configured-at-all'],
    ['a shorter one', NEW_KEY.slice(0, -1)],
    ['a longer one', `${NEW_KEY}x`],
    ['one in capitals', NEW_KEY.toUpperCase()],
    ['both as they are configured', `${OLD_KEY},${NEW_KEY}`],
    ['both with a blank', `${OLD_KEY}, ${NEW_KEY}`],
    ['one with a scheme', `Bearer ${NEW_KEY}`],
    ['one as JSON', JSON.stringify([NEW_KEY])],
    ['a megabyte less a lot', 'x'.repeat(10_000)],
    ['the empty one', ''],
  ])('%s does not', async (_, key) => {
    expectClosed(await ask(keyed, { 'x-internal-api-key': key }));
  });

  it('the key sent twice does not, be it right both times', async () => {
    const { answers } = await exchange(
      keyed.url,
      `GET ${PATH} HTTP/1.1\r\nHost: x\r\nX-Internal-Api-Key: ${NEW_KEY}\r\nX-Internal-Api-Key: ${NEW_KEY}\r\nConnection: close\r\n\r\n`,
    );
    expect(answers).toMatchObject([{ status: 401 }]);
  });

  it('the key anywhere else does not', async () => {
    const elsewhere: readonly Readonly<Record<string, string>>[] = [
      { authorization: `Bearer ${NEW_KEY}` },
      { authorization: NEW_KEY },
      { 'x-api-key': NEW_KEY },
      { 'x-internal-api-key-': NEW_KEY },
      { cookie: `x-internal-api-key=${NEW_KEY}` },
    ];
    for (const headers of elsewhere) expectClosed(await ask(keyed, headers));
    for (const name of ['x-internal-api-key', 'X-Internal-Api-Key', 'key', 'api_key', 'internalApiKey'])
      expectClosed(await ask(keyed, {}, `${PATH}&${name}=${NEW_KEY}`));
  });

  it('a token does not, be it an admin’s', async () => {
    const token = signToken({ userId: '5', roles: ['admin', 'internal'] });
    expectClosed(await request(`${keyed.url}${PATH}`, { token }));
  });

  it('the key opens nothing else', async () => {
    const headers = { 'x-internal-api-key': NEW_KEY };
    for (const path of ['/presence/online-count', '/analytics/dau/realtime', PATH.replace('/internal', '')])
      expectProblem(await ask(keyed, headers, path), 401, 'token_missing');
  });

  it('no spelling of the path goes around the key', async () => {
    const query = PATH.slice(PATH.indexOf('?'));
    for (const path of [
      '/internal/analytics/dau/',
      '//internal/analytics/dau',
      '/internal//analytics/dau',
      '/./internal/analytics/dau',
      '/analytics/../internal/analytics/dau',
      '/health/..%2finternal/analytics/dau',
      '/%69nternal/analytics/dau',
      '/INTERNAL/analytics/dau',
      '/internal%2fanalytics%2fdau',
      '/internal/analytics/dau;x=y',
      '/internal/analytics/dau%00',
      '/internal/analytics/dau%20',
      '/internal/analytics/dau.json',
      'http://127.0.0.1/internal/analytics/dau',
    ]) {
      const { answers } = await exchange(
        keyed.url,
        `GET ${path}${query} HTTP/1.1\r\nHost: x\r\nX-Original-Url: /internal/analytics/dau\r\nConnection: close\r\n\r\n`,
      );
      expect({ path, status: answers[0]?.status }).not.toEqual({ path, status: 200 });
      expect(answers[0]?.text).not.toContain('dauCount');
    }
  });

  it('a wrong key is not checked more slowly the more of it is right', async () => {
    // No proof, which a network would blur: it only shows that nothing like a sleep or a loop over characters is there.
    const time = async (key: string): Promise<number> => {
      const samples: number[] = [];
      for (let i = 0; i < 60; i++)
        samples.push((await ask(keyed, { 'x-internal-api-key': key })).milliseconds);
      return samples.sort((a, b) => a - b)[30]!;
    };
    const [none, almost] = [await time('x'.repeat(NEW_KEY.length)), await time(`${NEW_KEY.slice(0, -1)}x`)];
    expect(Math.abs(almost - none)).toBeLessThan(50);
  });
});

describe('the documentation', () => {
  it.each(['/api/docs-json', '/api/docs', '/api/docs/swagger-ui-init.js', '/api/docs-yaml'])(
    'does not mention it in %s',
    async (path) => {
      const { status, text } = await ask(closed, {}, path);
      if (path !== '/api/docs-yaml') expect(status).toBe(200);
      expect(text).not.toMatch(/\/internal\/|internal-key|X-Internal-Api-Key|InternalController/i);
    },
  );

  it('does when it is asked to', async () => {
    expect((await ask(keyed, {}, '/api/docs-json')).text).toContain('/internal/analytics/dau');
  });

  it('never holds a key', async () => {
    for (const path of ['/api/docs-json', '/api/docs', '/api/docs/swagger-ui-init.js', '/metrics'])
      expect((await ask(keyed, {}, path)).text).not.toMatch(/key-of-the-reporting-service/);
  });
});

describe('the start', () => {
  it.each(['too-short-a-key', `${NEW_KEY},short`, `${NEW_KEY}, ${OLD_KEY}`])(
    'is refused with the key "%s", and does not repeat it',
    async (key) => {
      const { exitCode, output } = await runBuilt('src/main.js', [], {
        ...settings({ databaseUrl: database.serviceUrl }),
        INTERNAL_API_KEY: key,
      });
      expect(exitCode).toBe(1);
      expect(output).toContain('INTERNAL_API_KEY');
      expect(output).not.toContain(key);
      expect(output).not.toContain('key-of-the-reporting-service');
    },
  );
});
