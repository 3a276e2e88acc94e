import { createHmac, createSign, generateKeyPairSync, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { event, nowSeconds, shanghaiDay } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import { OwnerDatabase } from '../support/owner-database.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { forgeToken, postJson, request, signToken, type Answer } from '../support/http.js';
import { settings, startService, TEST_JWT_SECRET, type Service } from '../support/service.js';
import { exchange, type WireAnswer } from './support/wire.js';

const PREVIOUS_SECRET = 'the-secret-that-is-being-replaced-by-another';
const ISSUER = 'https://identity.example.com';
const AUDIENCE = 'analytics-presence';
const ADMIN_ROLE = 'analytics-admin';
/** One more than the largest integer after which a JSON number is no longer exact: 2^53 + 1. */
const BEYOND_DOUBLE = '9007199254740993';

let database: TestDatabase;
let stored: OwnerDatabase;
/** As nothing but a database and a secret configure it. */
let plain: Service;
/** With everything that a token can be held to. */
let strict: Service;

beforeAll(async () => {
  database = await createTestDatabase();
  stored = await OwnerDatabase.connect(database.ownerUrl);
  const env = settings({ databaseUrl: database.serviceUrl });
  [plain, strict] = await Promise.all([
    startService({ env }),
    startService({
      env: {
        ...env,
        JWT_SECRET_PREVIOUS: PREVIOUS_SECRET,
        JWT_ISSUER: ISSUER,
        JWT_AUDIENCE: AUDIENCE,
        ADMIN_ROLES: `${ADMIN_ROLE},auditor`,
      },
    }),
  ]);
}, 60_000);

afterAll(async () => {
  await stored?.close();
  await Promise.all([plain?.stop(), strict?.stop()]);
  await database?.drop();
});

/** A heartbeat: any valid token will do for it, and no other. */
function beat(service: Service, authorization: string, path = '/presence/heartbeat'): Promise<Answer> {
  const body = { installId: 'install-of-tokens', appVersion: '1', clientTs: nowSeconds() };
  return postJson(`${service.url}${path}`, body, { headers: { authorization } });
}

async function expectRefused(service: Service, token: string, code = 'token_invalid'): Promise<void> {
  for (const ask of [
    () => beat(service, `Bearer ${token}`),
    () => request(`${service.url}/presence/online-count`, { token }),
    () => postJson(`${service.url}/analytics/events`, { events: [event()] }, { token }),
  ]) {
    const answer = await ask();
    expectProblem(answer, 401, code);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  }
}

async function expectAccepted(service: Service, token: string): Promise<void> {
  const { status, body } = await beat(service, `Bearer ${token}`);
  expect({ status, body }).toMatchObject({ status: 200, body: { ok: true } });
}

function encode(part: unknown): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}

function hmac(content: string, secret: string, hash = 'sha256'): string {
  return createHmac(hash, secret).update(content).digest('base64url');
}

/** Signed as it should be, over claims that stand in the token exactly as they are written here. */
function signText(claims: string, header: unknown = { alg: 'HS256', typ: 'JWT' }): string {
  const content = `${encode(header)}.${encode(claims)}`;
  return `${content}.${hmac(content, TEST_JWT_SECRET)}`;
}

const inAnHour = (): number => Math.floor(nowSeconds()) + 3600;
const claims = (): Record<string, unknown> => ({ userId: '5', exp: inAnHour() });

describe('a token that nobody signed as we do is refused:', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const withRsa = (header: unknown): string => {
    const content = `${encode(header)}.${encode(claims())}`;
    return `${content}.${createSign('sha256').update(content).sign(privateKey, 'base64url')}`;
  };
  const withHash = (alg: string, hash: string): string => {
    const content = `${encode({ alg, typ: 'JWT' })}.${encode(claims())}`;
    return `${content}.${hmac(content, TEST_JWT_SECRET, hash)}`;
  };
  const good = signToken({ userId: '5' });
  const [header = '', payload = '', signature = ''] = good.split('.');

  const attacks: readonly (readonly [name: string, token: string])[] = [
    ...['none', 'None', 'NONE', 'nOnE', '', ' '].map(
      (alg) => [`alg "${alg}", unsigned`, forgeToken({ alg, typ: 'JWT' }, claims())] as const,
    ),
    ['alg none, with a good signature', forgeToken({ alg: 'none' }, claims(), TEST_JWT_SECRET)],
    ['alg none, the signature of another token', `${encode({ alg: 'none' })}.${payload}.${signature}`],
    ['no alg at all', forgeToken({ typ: 'JWT' }, claims(), TEST_JWT_SECRET)],
    ['alg as a list', forgeToken({ alg: ['HS256'] }, claims(), TEST_JWT_SECRET)],
    ['alg as null', forgeToken({ alg: null }, claims(), TEST_JWT_SECRET)],
    ['alg in other letters', forgeToken({ alg: 'hs256' }, claims(), TEST_JWT_SECRET)],
    ['HS256 with the text of an RSA public key', forgeToken({ alg: 'HS256' }, claims(), publicPem)],
    ['HS256 with it trimmed', forgeToken({ alg: 'HS256' }, claims(), publicPem.trim())],
    ['RS256, really signed with that key', withRsa({ alg: 'RS256', typ: 'JWT' })],
    ['RS256, which brings its own key', withRsa({ alg: 'RS256', jwk: publicKey.export({ format: 'jwk' }) })],
    ['RS256 by name, HS256 in truth', forgeToken({ alg: 'RS256' }, claims(), TEST_JWT_SECRET)],
    ['ES256 by name', forgeToken({ alg: 'ES256' }, claims(), TEST_JWT_SECRET)],
    ['HS384 with the right secret', withHash('HS384', 'sha384')],
    ['HS512 with the right secret', withHash('HS512', 'sha512')],
    ['HS512 by name, HS256 in truth', forgeToken({ alg: 'HS512' }, claims(), TEST_JWT_SECRET)],
    ['an empty secret', forgeToken({ alg: 'HS256' }, claims(), '')],
    ['a zero byte as secret', forgeToken({ alg: 'HS256' }, claims(), '\0')],
    ['"undefined" as secret', forgeToken({ alg: 'HS256' }, claims(), 'undefined')],
    ['"null" as secret', forgeToken({ alg: 'HS256' }, claims(), 'null')],
    ['the secret of development', forgeToken({ alg: 'HS256' }, claims(), 'your-jwt-secret')],
    // What `kid` says is never looked at: no file is read, no statement made of it, no key fetched.
    ...['/dev/null', '../../../../../../dev/null', '/proc/sys/kernel/randomize_va_space'].map(
      (kid) => [`kid ${kid} and an empty secret`, forgeToken({ alg: 'HS256', kid }, claims(), '')] as const,
    ),
    [
      "kid ' UNION SELECT 'x and its result as secret",
      forgeToken({ alg: 'HS256', kid: "' UNION SELECT 'x" }, claims(), 'x'),
    ],
    ['kid as an object', forgeToken({ alg: 'HS256', kid: { $ne: null } }, claims(), 'x')],
    ['jku of a stranger', withRsa({ alg: 'RS256', jku: 'http://127.0.0.1:9/keys.json' })],
    ['an empty signature', `${header}.${payload}.`],
    ['no signature', `${header}.${payload}`],
    ['no claims', `${header}..${signature}`],
    ['no header', `.${payload}.${signature}`],
    ['nothing but dots', '..'],
    ['five parts', `${good}.${payload}.${signature}`],
    ['cut short by a character', good.slice(0, -1)],
    ['a character more', `${good}A`],
    ['other claims under a good signature', `${header}.${encode({ ...claims(), userId: '6' })}.${signature}`],
    ['a signature of zeros', `${header}.${payload}.${Buffer.alloc(32).toString('base64url')}`],
    ['a header that is no JSON', `${encode('{')}.${payload}.${signature}`],
    ['claims that are no JSON', `${header}.${encode('{')}.${signature}`],
  ];

  it.each(attacks)('%s', async (_, token) => {
    await expectRefused(plain, token);
  });

  it('while the same service takes the good one', async () => {
    await expectAccepted(plain, good);
  });

  it('a `kid` beside a good signature changes nothing', async () => {
    const kid = "../../etc/passwd'; DROP TABLE analytics_event_log; --";
    await expectAccepted(plain, signText(JSON.stringify(claims()), { alg: 'HS256', typ: 'JWT', kid }));
  });
});

describe('a token that is signed well and still says nonsense is refused, and is no fault of ours:', () => {
  const exp = 4_000_000_000;
  it.each([
    ['null', 'null'],
    ['a text', '"5"'],
    ['a number', '5'],
    ['a list', '[]'],
    ['no user', `{"exp":${exp}}`],
    ['user 0', `{"userId":0,"exp":${exp}}`],
    ['a negative user', `{"userId":-5,"exp":${exp}}`],
    ['half a user', `{"userId":5.5,"exp":${exp}}`],
    ['a user who is an object', `{"userId":{"$gt":0},"exp":${exp}}`],
    ['a user who is a list', `{"userId":[5],"exp":${exp}}`],
    ['a user who is a statement', `{"userId":"5 OR 1=1","exp":${exp}}`],
    ['a user of full-width digits', `{"userId":"５","exp":${exp}}`],
    ['a user with a line break', `{"userId":"5\\n","exp":${exp}}`],
    ['user 2^63 as a number', `{"userId":9223372036854775808,"exp":${exp}}`],
    ['user 2^63 as a text', `{"userId":"9223372036854775808","exp":${exp}}`],
    ['user 1e400', `{"userId":1e400,"exp":${exp}}`],
    ['user 1e300', `{"userId":1e300,"exp":${exp}}`],
    ['a large user with a fraction', `{"userId":9007199254740993.5,"exp":${exp}}`],
    ['no expiry', '{"userId":"5"}'],
    ['an expiry of null', '{"userId":"5","exp":null}'],
    ['an expiry that is a text', `{"userId":"5","exp":"${exp}"}`],
    ['an expiry that is a list', `{"userId":"5","exp":[${exp}]}`],
    ['nbf that is a text', `{"userId":"5","exp":${exp},"nbf":"0"}`],
  ])('%s', async (_, text) => {
    expectProblem(await beat(plain, `Bearer ${signText(text)}`), 401, 'token_invalid');
  });

  it('a user who stands twice, or beside claims that are very deep: taken or refused, as long as it is no fault', async () => {
    const deep = `{"userId":${BEYOND_DOUBLE},"exp":${exp},"x":${'['.repeat(5_000)}${']'.repeat(5_000)}}`;
    for (const text of [
      `{"userId":5,"userId":${BEYOND_DOUBLE},"exp":${exp}}`,
      `{"userId":${BEYOND_DOUBLE},"sub":"5","sub":"6","exp":${exp}}`,
      deep,
    ])
      expect([200, 401]).toContain((await beat(plain, `Bearer ${signText(text)}`)).status);
  });

  it('a header that demands an extension we do not know (`crit`)', async () => {
    const header = { alg: 'HS256', typ: 'JWT', crit: ['exp', 'b64'], b64: false };
    await expectRefused(plain, signText(JSON.stringify(claims()), header));
  });
});

describe('time', () => {
  const at = (offsets: Readonly<Record<string, number>>): string => {
    const now = Math.floor(nowSeconds());
    const times = Object.entries(offsets).map(([name, offset]) => [name, now + offset]);
    return signText(JSON.stringify({ userId: '5', exp: now + 3600, ...Object.fromEntries(times) }));
  };

  it('a token that expired within the leeway of 30 s is still taken', async () => {
    await expectAccepted(plain, at({ exp: -10 }));
  });

  it('one that expired before is refused as expired', async () => {
    await expectRefused(plain, at({ exp: -32 }), 'token_expired');
    await expectRefused(plain, signText('{"userId":"5","exp":0}'), 'token_expired');
    await expectRefused(plain, signText('{"userId":"5","exp":-1e300}'), 'token_expired');
  });

  it('one that is not valid yet is refused beyond the leeway', async () => {
    await expectAccepted(plain, at({ nbf: 10 }));
    await expectRefused(plain, at({ nbf: 60 }));
  });
});

describe('issuer and audience', () => {
  const token = (overrides: Readonly<Record<string, unknown>>): string =>
    signToken({ userId: '5', iss: ISSUER, aud: AUDIENCE, ...overrides });

  it.each([
    ['both right', {}],
    ['the audience among others', { aud: ['another-service', AUDIENCE] }],
  ])('where they are configured: %s is accepted', async (_, overrides) => {
    await expectAccepted(strict, token(overrides));
  });

  it.each([
    ['another issuer', { iss: 'https://identity.example.org' }],
    ['no issuer', { iss: undefined }],
    ['the issuer with a slash behind', { iss: `${ISSUER}/` }],
    ['the issuer in capitals', { iss: ISSUER.toUpperCase() }],
    ['the issuer in a list', { iss: [ISSUER] }],
    ['another audience', { aud: 'another-service' }],
    ['no audience', { aud: undefined }],
    ['other audiences', { aud: ['another-service', `${AUDIENCE}-2`] }],
    ['no audiences', { aud: [] }],
    ['the audience as a part', { aud: `${AUDIENCE}.example.com` }],
    ['the audience as a pattern', { aud: '.*' }],
  ])('where they are configured: %s is refused', async (_, overrides) => {
    const content = { userId: '5', exp: inAnHour(), iss: ISSUER, aud: AUDIENCE, ...overrides };
    await expectRefused(strict, signText(JSON.stringify(content)));
  });

  it('are not looked at where they are not configured', async () => {
    await expectAccepted(plain, signToken({ userId: '5', iss: 'anybody', aud: ['anything'] }));
  });
});

describe('a secret that is being replaced', () => {
  const token = (secret: string, overrides: Readonly<Record<string, unknown>> = {}): string =>
    signToken({ userId: '5', iss: ISSUER, aud: AUDIENCE, ...overrides }, { secret });

  it('signs as well as the new one while it is configured', async () => {
    await expectAccepted(strict, token(PREVIOUS_SECRET));
    await expectAccepted(strict, token(TEST_JWT_SECRET));
  });

  it('opens nothing once it is not', async () => {
    await expectRefused(plain, token(PREVIOUS_SECRET));
  });

  it('is held to everything else as the new one is', async () => {
    await expectRefused(strict, token(PREVIOUS_SECRET, { aud: 'another-service' }));
    await expectRefused(strict, token('a-third-secret-that-nobody-has-configured'));
    const expired = forgeToken(
      { alg: 'HS256' },
      { userId: '5', iss: ISSUER, aud: AUDIENCE, exp: inAnHour() - 7200 },
      PREVIOUS_SECRET,
    );
    await expectRefused(strict, expired, 'token_expired');
    const other = forgeToken({ alg: 'none' }, { ...claims(), iss: ISSUER, aud: AUDIENCE }, PREVIOUS_SECRET);
    await expectRefused(strict, other);
  });
});

describe('a user id survives exactly, down to the row in the log:', () => {
  it.each([
    ['2^53 + 1, a number', BEYOND_DOUBLE, BEYOND_DOUBLE],
    ['2^53 + 1, a text', `"${BEYOND_DOUBLE}"`, BEYOND_DOUBLE],
    ['2^63 - 1, a number', '9223372036854775807', '9223372036854775807'],
    ['2^63 - 1, a text', '"9223372036854775807"', '9223372036854775807'],
    ['2^53 - 1, a number', '9007199254740991', '9007199254740991'],
    ['1, a number', '1', '1'],
  ])('%s', async (_, written, userId) => {
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
    '/presence/online-history?startTime=2025-01-15T00:00:00Z&endTime=2025-01-15T01:00:00Z&interval=1m',
  ];
  const token = (overrides: Readonly<Record<string, unknown>> = {}): string =>
    signToken({ userId: '5', iss: ISSUER, aud: AUDIENCE, ...overrides });

  it.each(figures)('%s: nobody 401, a mobile user 403, a reader 200', async (path) => {
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
  ])('do not open for %s', async (_, overrides) => {
    for (const path of figures)
      expectProblem(await request(`${strict.url}${path}`, { token: token(overrides) }), 403, 'role_missing');
  });

  it('stay closed for a role that no secret of ours vouches for: the answer is 401, not 403', async () => {
    const forged = signToken(
      { userId: '5', iss: ISSUER, aud: AUDIENCE, roles: [ADMIN_ROLE] },
      { secret: 'guessed-secret-guessed-secret-guessed' },
    );
    for (const path of figures)
      expectProblem(await request(`${strict.url}${path}`, { token: forged }), 401, 'token_invalid');
  });

  it('a mobile user’s token is good for what it is for', async () => {
    expect((await beat(strict, `Bearer ${token()}`)).status).toBe(200);
    const events = { events: [event()] };
    expect((await postJson(`${strict.url}/analytics/events`, events, { token: token() })).status).toBe(200);
  });
});

describe('a token anywhere but in the Authorization header is no token:', () => {
  const good = signToken({ userId: '5' });

  it.each([
    ['the query', `/presence/online-count?token=${good}&access_token=${good}&auth_token=${good}`, {}],
    ['a cookie', '/presence/online-count', { cookie: `token=${good}; access_token=${good}; jwt=${good}` }],
    ['another header', '/presence/online-count', { 'x-access-token': good, 'x-auth-token': good }],
    ['Proxy-Authorization', '/presence/online-count', { 'proxy-authorization': `Bearer ${good}` }],
    ['another scheme', '/presence/online-count', { authorization: `JWT ${good}` }],
    ['no scheme', '/presence/online-count', { authorization: good }],
    ['Basic', '/presence/online-count', { authorization: `Basic ${encode(`bearer:${good}`)}` }],
  ])('%s', async (_, path, headers) => {
    expectProblem(await request(`${plain.url}${path}`, { headers }), 401, 'token_missing');
  });

  it('the body', async () => {
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

describe('the header itself', () => {
  async function wire(...headers: readonly string[]): Promise<WireAnswer> {
    const lines = ['GET /presence/online-count HTTP/1.1', 'Host: service', ...headers, 'Connection: close'];
    const { answers } = await exchange(plain.url, `${lines.join('\r\n')}\r\n\r\n`);
    expect(answers).toHaveLength(1);
    return answers[0]!;
  }

  const good = signToken({ userId: '5' });
  const bad = forgeToken({ alg: 'none' }, claims());

  it('sent twice never makes a bad first token good', async () => {
    expect(await wire(`Authorization: Bearer ${good}`)).toMatchObject({ status: 200 });
    expect(await wire(`Authorization: Bearer ${bad}`, `Authorization: Bearer ${good}`)).toMatchObject({
      status: 401,
    });
    expect(await wire(`Authorization: Basic eA==`, `Authorization: Bearer ${good}`)).toMatchObject({
      status: 401,
    });
    expect(await wire(`Authorization: Bearer ${bad}, Bearer ${good}`)).toMatchObject({ status: 401 });
    expect(await wire('Authorization: Bearer', `Authorization: ${good}`)).toMatchObject({ status: 401 });
  });

  it.each(['bearer', 'BEARER', 'bEaReR'])('may write the scheme as "%s"', async (scheme) => {
    expect(await wire(`authorization: ${scheme} ${good}`)).toMatchObject({ status: 200 });
  });

  it.each([
    ['nothing but the scheme', 'Bearer'],
    ['blanks', 'Bearer    '],
    ['bytes that are no ASCII', 'Bearer \xff\xfe\xfd'],
    ['two tokens', `Bearer ${good} ${bad}`.replace(good, bad)],
    ['15,000 characters', `Bearer ${'A'.repeat(15_000)}`],
    ['7,000 dots', `Bearer ${'.'.repeat(7_000)}`],
    ['a header of 9,000 brackets', `Bearer ${encode('['.repeat(9_000))}.e30.AA`],
  ])('with %s is refused', async (_, authorization) => {
    const answer = await wire(`Authorization: ${authorization}`);
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
  });

  it('of 20 KB is refused before anything looks at it', async () => {
    expect(await wire(`Authorization: Bearer ${'A'.repeat(20_000)}`)).toMatchObject({ status: 431 });
  });
});
