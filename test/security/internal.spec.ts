import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { shanghaiDay } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import { request, signToken, type Answer } from '../support/http.js';
import { runBuilt, type Service } from '../support/service.js';
import { exchange } from './support/wire.js';

const OLD_KEY = 'the-old-key-of-the-reporting-service';
const NEW_KEY = 'the-new-key-of-the-reporting-service';
const PATH = `/internal/analytics/dau?startDate=${shanghaiDay()}&endDate=${shanghaiDay()}`;

let deployment: Deployment;
/** has no key */
let closed: Service;
/** has two keys, and documents `/internal` */
let keyed: Service;

beforeAll(async () => {
  deployment = await Deployment.create();
  [closed, keyed] = await Promise.all([
    deployment.start(),
    deployment.start({
      INTERNAL_API_KEY: `${OLD_KEY},${NEW_KEY}`,
      API_DOCS_INTERNAL: 'true',
      ADMIN_ROLES: 'admin',
    }),
  ]);
}, 60_000);

afterAll(() => deployment?.remove());

function ask(service: Service, headers: Readonly<Record<string, string>> = {}, path = PATH): Promise<Answer> {
  return request(`${service.url}${path}`, { headers });
}

function expectClosed(answer: Answer): void {
  expectProblem(answer, 401, 'internal_key_invalid');
  expect(answer.headers.get('www-authenticate')).toMatch(/^ApiKey/);
  expect(answer.text).not.toContain('dauCount');
}

describe('/internal without a configured key', () => {
  it.each(['', ' ', 'undefined', 'null', 'false', '0', ',', NEW_KEY])(
    'returns 401 for the key "%s"',
    async (key) => {
      expectClosed(await ask(closed, { 'x-internal-api-key': key }));
    },
  );

  it('returns 401 without a header', async () => expectClosed(await ask(closed)));
});

describe('/internal with configured keys', () => {
  it.each([OLD_KEY, NEW_KEY])('accepts each key: %s', async (key) => {
    const { status, body } = await ask(keyed, { 'x-internal-api-key': key });
    expect({ status, body }).toMatchObject({ status: 200, body: { total: expect.any(Number) } });
  });

  it.each([
    ['an unknown key', 'a-key-that-nobody-has-configured-at-all'],
    ['a shorter key', NEW_KEY.slice(0, -1)],
    ['a longer key', `${NEW_KEY}x`],
    ['a key in upper case', NEW_KEY.toUpperCase()],
    ['both keys as configured', `${OLD_KEY},${NEW_KEY}`],
    ['both keys with a space', `${OLD_KEY}, ${NEW_KEY}`],
    ['a key with a scheme', `Bearer ${NEW_KEY}`],
    ['a key as JSON', JSON.stringify([NEW_KEY])],
    ['a key of 10,000 characters', 'x'.repeat(10_000)],
    ['an empty key', ''],
  ])('returns 401 for %s', async (_, key) => {
    expectClosed(await ask(keyed, { 'x-internal-api-key': key }));
  });

  it('returns 401 when the valid key is sent twice', async () => {
    const { answers } = await exchange(
      keyed.url,
      `GET ${PATH} HTTP/1.1\r\nHost: x\r\nX-Internal-Api-Key: ${NEW_KEY}\r\nX-Internal-Api-Key: ${NEW_KEY}\r\nConnection: close\r\n\r\n`,
    );
    expect(answers).toMatchObject([{ status: 401 }]);
  });

  it('returns 401 for the key in another header or in the query', async () => {
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

  it('returns 401 for the token of an admin', async () => {
    const token = signToken({ userId: '5', roles: ['admin', 'internal'] });
    expectClosed(await request(`${keyed.url}${PATH}`, { token }));
  });

  it('does not open other routes with the key', async () => {
    const headers = { 'x-internal-api-key': NEW_KEY };
    for (const path of ['/presence/online-count', '/analytics/dau/realtime', PATH.replace('/internal', '')])
      expectProblem(await ask(keyed, headers, path), 401, 'token_missing');
  });

  it('cannot be reached by another spelling of the path', async () => {
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

  it('compares keys in a time that does not depend on the matching prefix', async () => {
    // A coarse check: it detects a delay for each matching character, not a timing difference of microseconds.
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

describe('the API documentation', () => {
  it.each(['/api/docs-json', '/api/docs', '/api/docs/swagger-ui-init.js'])(
    'omits /internal by default in %s',
    async (path) => {
      const { status, text } = await ask(closed, {}, path);
      expect(status).toBe(200);
      expect(text).not.toMatch(/\/internal\/|internal-key|X-Internal-Api-Key|InternalController/i);
    },
  );

  it('includes /internal with API_DOCS_INTERNAL=true', async () => {
    expect((await ask(keyed, {}, '/api/docs-json')).text).toContain('/internal/analytics/dau');
  });

  it('never contains a key', async () => {
    for (const path of ['/api/docs-json', '/api/docs', '/api/docs/swagger-ui-init.js', '/metrics'])
      expect((await ask(keyed, {}, path)).text).not.toMatch(/key-of-the-reporting-service/);
  });
});

describe('the start of the service', () => {
  it.each(['too-short-a-key', `${NEW_KEY},short`, `${NEW_KEY}, ${OLD_KEY}`])(
    'fails with INTERNAL_API_KEY="%s" and does not print the key',
    async (key) => {
      const { exitCode, output } = await runBuilt('src/main.js', [], {
        ...deployment.settings,
        INTERNAL_API_KEY: key,
      });
      expect(exitCode).toBe(1);
      expect(output).toContain('INTERNAL_API_KEY');
      expect(output).not.toContain(key);
      expect(output).not.toContain('key-of-the-reporting-service');
    },
  );
});
