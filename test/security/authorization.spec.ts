import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { event, nowSeconds, shanghaiDay } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import { forgeToken, postJson, request, signToken, type Answer } from '../support/http.js';
import type { OwnerDatabase } from '../support/owner-database.js';
import type { Service } from '../support/service.js';
import {
  ADMIN_ROLE,
  AUDIENCE,
  beat,
  BEYOND_DOUBLE,
  claims,
  encode,
  inAnHour,
  ISSUER,
  signText,
  STRICT_SETTINGS,
} from './support/tokens.js';
import { exchange, type WireAnswer } from './support/wire.js';

let deployment: Deployment;
let stored: OwnerDatabase;
/** has the default settings for tokens */
let plain: Service;
/** checks everything a token may be checked for */
let strict: Service;

beforeAll(async () => {
  deployment = await Deployment.create();
  ({ stored } = deployment);
  [plain, strict] = await Promise.all([deployment.start(), deployment.start(STRICT_SETTINGS)]);
}, 60_000);

afterAll(() => deployment?.remove());

describe('the user id of a token', () => {
  it.each([
    ['2^53 + 1, a number', BEYOND_DOUBLE, BEYOND_DOUBLE],
    ['2^53 + 1, a string', `"${BEYOND_DOUBLE}"`, BEYOND_DOUBLE],
    ['2^63 - 1, a number', '9223372036854775807', '9223372036854775807'],
    ['2^63 - 1, a string', '"9223372036854775807"', '9223372036854775807'],
    ['2^53 - 1, a number', '9007199254740991', '9007199254740991'],
    ['1, a number', '1', '1'],
  ])('is stored exactly: %s', async (_, written, userId) => {
    for (const claim of ['userId', 'sub']) {
      const token = signText(`{"${claim}":${written},"exp":${inAnHour()}}`);
      const sent = [event(), event({ userId }), event({ userId: String(BigInt(userId) - 1n || 2n) })];
      const answer = await postJson(`${plain.url}/analytics/events`, { events: sent }, { token });
      expect(answer).toMatchObject({
        status: 200,
        body: { accepted: 2, failed: 1, rejected: [{ index: 2, code: 'user_id_mismatch' }] },
      });
      const rows = await stored.events(sent.map(({ eventId }) => eventId));
      expect(rows.map((row) => row?.userId)).toEqual([userId, userId, undefined]);
    }
  });
});

describe('business figures', () => {
  const day = shanghaiDay();
  const figures = [
    `/analytics/dau?startDate=${day}&endDate=${day}`,
    '/analytics/dau/realtime',
    '/presence/online-count',
    '/status',
    '/presence/online-history?startTime=2025-01-15T00:00:00Z&endTime=2025-01-15T01:00:00Z&interval=1m',
  ];
  const token = (overrides: Readonly<Record<string, unknown>> = {}): string =>
    signToken({ userId: '5', iss: ISSUER, aud: AUDIENCE, ...overrides });

  it.each(figures)('return 401 without a token, 403 without a role, 200 with one: %s', async (path) => {
    const anonymous = await request(`${strict.url}${path}`);
    expectProblem(anonymous, 401, 'token_missing');
    expect(anonymous.headers.get('www-authenticate')).toBe('Bearer');

    const user = await request(`${strict.url}${path}`, { token: token() });
    expectProblem(user, 403, 'role_missing');
    expect(user.text).not.toContain(ADMIN_ROLE);

    for (const claim of [{ roles: [ADMIN_ROLE] }, { role: 'auditor' }, { roles: ['user', 'auditor'] }])
      expect((await request(`${strict.url}${path}`, { token: token(claim) })).status).toBe(200);
  });

  it.each([
    ['a role that begins like one', { roles: [`${ADMIN_ROLE}s`] }],
    ['a role in capitals', { roles: [ADMIN_ROLE.toUpperCase()] }],
    ['the whole setting as one role', { role: `${ADMIN_ROLE},auditor` }],
    ['a role with blanks', { role: ` ${ADMIN_ROLE} ` }],
    ['roles as an object', { roles: { [ADMIN_ROLE]: true, includes: true, length: 1, 0: ADMIN_ROLE } }],
    ['roles in a list in a list', { roles: [[ADMIN_ROLE]] }],
    ['no role', { roles: [] }],
    ['an empty role', { roles: [''], role: '' }],
    ['a number', { roles: [0, 1, true, null] }],
    [
      'an admin of another kind',
      { isAdmin: true, admin: true, scope: ADMIN_ROLE, permissions: [ADMIN_ROLE] },
    ],
  ])('return 403 for %s', async (_, overrides) => {
    for (const path of figures)
      expectProblem(await request(`${strict.url}${path}`, { token: token(overrides) }), 403, 'role_missing');
  });

  it('have one rule on each route: a role where ADMIN_ROLES is set, else any valid token', async () => {
    type Routes = Record<string, { get?: { security?: Record<string, unknown>[] } }>;
    const { body } = await request(`${strict.url}/api/docs-json`);
    const paths = Object.entries((body as { paths: Routes }).paths)
      .filter(([, { get }]) => get?.security?.some((scheme) => 'bearer' in scheme) === true)
      .map(([path]) => path);
    expect(paths).toEqual(expect.arrayContaining(['/live', '/status', '/analytics/dau', '/presence/daily']));
    for (const path of paths) {
      // Parameters are looked at behind the token, so a wrong one shows that the token was accepted.
      const ask = (service: Service, given?: string): Promise<Answer> =>
        request(`${service.url}${path}?unknown=1`, given === undefined ? {} : { token: given });
      expectProblem(await ask(strict), 401, 'token_missing');
      expectProblem(await ask(strict, token()), 403, 'role_missing');
      expectProblem(await ask(strict, token({ roles: [ADMIN_ROLE] })), 400, 'request_invalid');
      expectProblem(await ask(plain), 401, 'token_missing');
      expectProblem(await ask(plain, signToken({ userId: '5' })), 400, 'request_invalid');
    }
  });

  it('return 401, not 403, for a role in a forged token', async () => {
    const forged = signToken(
      { userId: '5', iss: ISSUER, aud: AUDIENCE, roles: [ADMIN_ROLE] },
      { secret: 'guessed-secret-guessed-secret-guessed' },
    );
    for (const path of figures)
      expectProblem(await request(`${strict.url}${path}`, { token: forged }), 401, 'token_invalid');
  });

  it('do not restrict batches and heartbeats of a token without a role', async () => {
    expect((await beat(strict, `Bearer ${token()}`)).status).toBe(200);
    const events = { events: [event()] };
    expect((await postJson(`${strict.url}/analytics/events`, events, { token: token() })).status).toBe(200);
  });
});

describe('a token outside "Authorization: Bearer"', () => {
  const good = signToken({ userId: '5' });

  it.each([
    ['the query', `/presence/online-count?token=${good}&access_token=${good}&auth_token=${good}`, {}],
    ['a cookie', '/presence/online-count', { cookie: `token=${good}; access_token=${good}; jwt=${good}` }],
    ['another header', '/presence/online-count', { 'x-access-token': good, 'x-auth-token': good }],
    ['Proxy-Authorization', '/presence/online-count', { 'proxy-authorization': `Bearer ${good}` }],
    ['the header with another scheme', '/presence/online-count', { authorization: `JWT ${good}` }],
    ['the header without a scheme', '/presence/online-count', { authorization: good }],
    [
      'the header with Basic',
      '/presence/online-count',
      { authorization: `Basic ${encode(`bearer:${good}`)}` },
    ],
  ])('is ignored in %s', async (_, path, headers) => {
    expectProblem(await request(`${plain.url}${path}`, { headers }), 401, 'token_missing');
  });

  it('is ignored in the body', async () => {
    const body = {
      installId: randomUUID(),
      appVersion: '1',
      clientTs: nowSeconds(),
      auth_token: good,
      token: good,
    };
    expectProblem(await postJson(`${plain.url}/presence/heartbeat`, body), 401, 'token_missing');
  });
});

describe('the Authorization header', () => {
  async function wire(...headers: readonly string[]): Promise<WireAnswer> {
    const lines = ['GET /presence/online-count HTTP/1.1', 'Host: service', ...headers, 'Connection: close'];
    const { answers } = await exchange(plain.url, `${lines.join('\r\n')}\r\n\r\n`);
    expect(answers).toHaveLength(1);
    return answers[0]!;
  }

  const valid = signToken({ userId: '5' });
  const invalid = forgeToken({ alg: 'none' }, claims());

  it('is rejected when it occurs twice and the first token is invalid', async () => {
    expect(await wire(`Authorization: Bearer ${valid}`)).toMatchObject({ status: 200 });
    expect(await wire(`Authorization: Bearer ${invalid}`, `Authorization: Bearer ${valid}`)).toMatchObject({
      status: 401,
    });
    expect(await wire(`Authorization: Basic eA==`, `Authorization: Bearer ${valid}`)).toMatchObject({
      status: 401,
    });
    expect(await wire(`Authorization: Bearer ${invalid}, Bearer ${valid}`)).toMatchObject({ status: 401 });
    expect(await wire('Authorization: Bearer', `Authorization: ${valid}`)).toMatchObject({ status: 401 });
  });

  it.each(['bearer', 'BEARER', 'bEaReR'])('accepts the scheme "%s"', async (scheme) => {
    expect(await wire(`authorization: ${scheme} ${valid}`)).toMatchObject({ status: 200 });
  });

  it.each([
    ['the scheme only', 'Bearer'],
    ['spaces only', 'Bearer    '],
    ['bytes outside ASCII', 'Bearer \xff\xfe\xfd'],
    ['two tokens', `Bearer ${valid} ${invalid}`.replace(valid, invalid)],
    ['15,000 characters', `Bearer ${'A'.repeat(15_000)}`],
    ['7,000 dots', `Bearer ${'.'.repeat(7_000)}`],
    ['a header of 9,000 brackets', `Bearer ${encode('['.repeat(9_000))}.e30.AA`],
  ])('is rejected with %s', async (_, authorization) => {
    const answer = await wire(`Authorization: ${authorization}`);
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
  });

  it('returns 431 when it holds 20 KB', async () => {
    expect(await wire(`Authorization: Bearer ${'A'.repeat(20_000)}`)).toMatchObject({ status: 431 });
  });
});
