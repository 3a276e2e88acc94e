import { createSign, generateKeyPairSync } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { event, nowSeconds } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import { forgeToken, postJson, request, signToken } from '../support/http.js';
import { TEST_JWT_SECRET, type Service } from '../support/service.js';
import {
  AUDIENCE,
  beat,
  BEYOND_DOUBLE,
  claims,
  encode,
  hmac,
  inAnHour,
  ISSUER,
  PREVIOUS_SECRET,
  signText,
  STRICT_SETTINGS,
} from './support/tokens.js';

let deployment: Deployment;
/** has the default settings for tokens */
let plain: Service;
/** checks everything a token may be checked for */
let strict: Service;

beforeAll(async () => {
  deployment = await Deployment.create();
  [plain, strict] = await Promise.all([deployment.start(), deployment.start(STRICT_SETTINGS)]);
}, 60_000);

afterAll(() => deployment?.remove());

async function expectRejected(service: Service, token: string, code = 'token_invalid'): Promise<void> {
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

describe('the signature of a token', () => {
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
  const valid = signToken({ userId: '5' });
  const [header = '', payload = '', signature = ''] = valid.split('.');

  const attacks: readonly (readonly [name: string, token: string])[] = [
    ...['none', 'None', 'NONE', 'nOnE', '', ' '].map(
      (alg) => [`alg "${alg}", unsigned`, forgeToken({ alg, typ: 'JWT' }, claims())] as const,
    ),
    ['alg none with a valid signature', forgeToken({ alg: 'none' }, claims(), TEST_JWT_SECRET)],
    ['alg none with the signature of another token', `${encode({ alg: 'none' })}.${payload}.${signature}`],
    ['no alg', forgeToken({ typ: 'JWT' }, claims(), TEST_JWT_SECRET)],
    ['alg as a list', forgeToken({ alg: ['HS256'] }, claims(), TEST_JWT_SECRET)],
    ['alg as null', forgeToken({ alg: null }, claims(), TEST_JWT_SECRET)],
    ['alg in lower case', forgeToken({ alg: 'hs256' }, claims(), TEST_JWT_SECRET)],
    ['HS256 with the text of an RSA public key', forgeToken({ alg: 'HS256' }, claims(), publicPem)],
    ['HS256 with the trimmed text of that key', forgeToken({ alg: 'HS256' }, claims(), publicPem.trim())],
    ['RS256 signed with that key', withRsa({ alg: 'RS256', typ: 'JWT' })],
    ['RS256 with a jwk of its own', withRsa({ alg: 'RS256', jwk: publicKey.export({ format: 'jwk' }) })],
    ['RS256 by name, HS256 in fact', forgeToken({ alg: 'RS256' }, claims(), TEST_JWT_SECRET)],
    ['ES256 by name', forgeToken({ alg: 'ES256' }, claims(), TEST_JWT_SECRET)],
    ['HS384 with the right secret', withHash('HS384', 'sha384')],
    ['HS512 with the right secret', withHash('HS512', 'sha512')],
    ['HS512 by name, HS256 in fact', forgeToken({ alg: 'HS512' }, claims(), TEST_JWT_SECRET)],
    ['an empty secret', forgeToken({ alg: 'HS256' }, claims(), '')],
    ['a zero byte as secret', forgeToken({ alg: 'HS256' }, claims(), '\0')],
    ['"undefined" as secret', forgeToken({ alg: 'HS256' }, claims(), 'undefined')],
    ['"null" as secret', forgeToken({ alg: 'HS256' }, claims(), 'null')],
    ['the secret of development', forgeToken({ alg: 'HS256' }, claims(), 'your-jwt-secret')],
    // The service ignores `kid`: it reads no file, builds no statement and fetches no key.
    ...['/dev/null', '../../../../../../dev/null', '/proc/sys/kernel/randomize_va_space'].map(
      (kid) => [`kid ${kid} and an empty secret`, forgeToken({ alg: 'HS256', kid }, claims(), '')] as const,
    ),
    [
      "kid ' UNION SELECT 'x and its result as secret",
      forgeToken({ alg: 'HS256', kid: "' UNION SELECT 'x" }, claims(), 'x'),
    ],
    ['kid as an object', forgeToken({ alg: 'HS256', kid: { $ne: null } }, claims(), 'x')],
    ['jku with a foreign address', withRsa({ alg: 'RS256', jku: 'http://127.0.0.1:9/keys.json' })],
    ['an empty signature', `${header}.${payload}.`],
    ['no signature', `${header}.${payload}`],
    ['no claims', `${header}..${signature}`],
    ['no header', `.${payload}.${signature}`],
    ['dots only', '..'],
    ['five parts', `${valid}.${payload}.${signature}`],
    ['one character less', valid.slice(0, -1)],
    ['one character more', `${valid}A`],
    [
      'other claims under a valid signature',
      `${header}.${encode({ ...claims(), userId: '6' })}.${signature}`,
    ],
    ['a signature of zeros', `${header}.${payload}.${Buffer.alloc(32).toString('base64url')}`],
    ['a header that is not JSON', `${encode('{')}.${payload}.${signature}`],
    ['claims that are not JSON', `${header}.${encode('{')}.${signature}`],
  ];

  it.each(attacks)('is rejected: %s', async (_, token) => {
    await expectRejected(plain, token);
  });

  it('is accepted when it is valid', async () => {
    await expectAccepted(plain, valid);
  });

  it('is accepted with any `kid` when it is valid', async () => {
    const kid = "../../etc/passwd'; DROP TABLE analytics_event_log; --";
    await expectAccepted(plain, signText(JSON.stringify(claims()), { alg: 'HS256', typ: 'JWT', kid }));
  });
});

describe('a signed token with invalid claims', () => {
  const exp = 4_000_000_000;
  it.each([
    ['null', 'null'],
    ['a string', '"5"'],
    ['a number', '5'],
    ['a list', '[]'],
    ['no user', `{"exp":${exp}}`],
    ['user 0', `{"userId":0,"exp":${exp}}`],
    ['a negative user', `{"userId":-5,"exp":${exp}}`],
    ['a fractional user', `{"userId":5.5,"exp":${exp}}`],
    ['a user that is an object', `{"userId":{"$gt":0},"exp":${exp}}`],
    ['a user that is a list', `{"userId":[5],"exp":${exp}}`],
    ['a user that is SQL', `{"userId":"5 OR 1=1","exp":${exp}}`],
    ['a user of full-width digits', `{"userId":"５","exp":${exp}}`],
    ['a user with a line break', `{"userId":"5\\n","exp":${exp}}`],
    ['user 2^63 as a number', `{"userId":9223372036854775808,"exp":${exp}}`],
    ['user 2^63 as a string', `{"userId":"9223372036854775808","exp":${exp}}`],
    ['user 1e400', `{"userId":1e400,"exp":${exp}}`],
    ['user 1e300', `{"userId":1e300,"exp":${exp}}`],
    ['a large user with a fraction', `{"userId":9007199254740993.5,"exp":${exp}}`],
    ['no expiry', '{"userId":"5"}'],
    ['an expiry of null', '{"userId":"5","exp":null}'],
    ['an expiry that is a string', `{"userId":"5","exp":"${exp}"}`],
    ['an expiry that is a list', `{"userId":"5","exp":[${exp}]}`],
    ['nbf that is a string', `{"userId":"5","exp":${exp},"nbf":"0"}`],
  ])('returns 401 for %s', async (_, text) => {
    expectProblem(await beat(plain, `Bearer ${signText(text)}`), 401, 'token_invalid');
  });

  it('returns 200 or 401 for duplicate users and deeply nested claims, never an error', async () => {
    const deep = `{"userId":${BEYOND_DOUBLE},"exp":${exp},"x":${'['.repeat(5_000)}${']'.repeat(5_000)}}`;
    for (const text of [
      `{"userId":5,"userId":${BEYOND_DOUBLE},"exp":${exp}}`,
      `{"userId":${BEYOND_DOUBLE},"sub":"5","sub":"6","exp":${exp}}`,
      deep,
    ])
      expect([200, 401]).toContain((await beat(plain, `Bearer ${signText(text)}`)).status);
  });

  it('returns 401 for a critical extension in the header (`crit`)', async () => {
    const header = { alg: 'HS256', typ: 'JWT', crit: ['exp', 'b64'], b64: false };
    await expectRejected(plain, signText(JSON.stringify(claims()), header));
  });
});

describe('exp and nbf', () => {
  const at = (offsets: Readonly<Record<string, number>>): string => {
    const now = Math.floor(nowSeconds());
    const times = Object.entries(offsets).map(([name, offset]) => [name, now + offset]);
    return signText(JSON.stringify({ userId: '5', exp: now + 3600, ...Object.fromEntries(times) }));
  };

  it('accept a token that expired within the leeway of 30 s', async () => {
    await expectAccepted(plain, at({ exp: -10 }));
  });

  it('reject a token that expired earlier as token_expired', async () => {
    await expectRejected(plain, at({ exp: -32 }), 'token_expired');
    await expectRejected(plain, signText('{"userId":"5","exp":0}'), 'token_expired');
    await expectRejected(plain, signText('{"userId":"5","exp":-1e300}'), 'token_expired');
  });

  it('reject a token that becomes valid after the leeway', async () => {
    await expectAccepted(plain, at({ nbf: 10 }));
    await expectRejected(plain, at({ nbf: 60 }));
  });
});

describe('issuer and audience', () => {
  const token = (overrides: Readonly<Record<string, unknown>>): string =>
    signToken({ userId: '5', iss: ISSUER, aud: AUDIENCE, ...overrides });

  it.each([
    ['both as configured', {}],
    ['the audience among others', { aud: ['another-service', AUDIENCE] }],
  ])('accept %s', async (_, overrides) => {
    await expectAccepted(strict, token(overrides));
  });

  it.each([
    ['another issuer', { iss: 'https://identity.example.org' }],
    ['no issuer', { iss: undefined }],
    ['the issuer with a trailing slash', { iss: `${ISSUER}/` }],
    ['the issuer in capitals', { iss: ISSUER.toUpperCase() }],
    ['the issuer in a list', { iss: [ISSUER] }],
    ['another audience', { aud: 'another-service' }],
    ['no audience', { aud: undefined }],
    ['other audiences', { aud: ['another-service', `${AUDIENCE}-2`] }],
    ['no audiences', { aud: [] }],
    ['the audience as a part', { aud: `${AUDIENCE}.example.com` }],
    ['the audience as a pattern', { aud: '.*' }],
  ])('reject %s', async (_, overrides) => {
    const content = { userId: '5', exp: inAnHour(), iss: ISSUER, aud: AUDIENCE, ...overrides };
    await expectRejected(strict, signText(JSON.stringify(content)));
  });

  it('are ignored when they are not configured', async () => {
    await expectAccepted(plain, signToken({ userId: '5', iss: 'anybody', aud: ['anything'] }));
  });
});

describe('the previous secret', () => {
  const token = (secret: string, overrides: Readonly<Record<string, unknown>> = {}): string =>
    signToken({ userId: '5', iss: ISSUER, aud: AUDIENCE, ...overrides }, { secret });

  it('is accepted beside the new one while it is configured', async () => {
    await expectAccepted(strict, token(PREVIOUS_SECRET));
    await expectAccepted(strict, token(TEST_JWT_SECRET));
  });

  it('is rejected when it is not configured', async () => {
    await expectRejected(plain, token(PREVIOUS_SECRET));
  });

  it('is subject to the same checks as the new one', async () => {
    await expectRejected(strict, token(PREVIOUS_SECRET, { aud: 'another-service' }));
    await expectRejected(strict, token('a-third-secret-that-nobody-has-configured'));
    const expired = forgeToken(
      { alg: 'HS256' },
      { userId: '5', iss: ISSUER, aud: AUDIENCE, exp: inAnHour() - 7200 },
      PREVIOUS_SECRET,
    );
    await expectRejected(strict, expired, 'token_expired');
    const other = forgeToken({ alg: 'none' }, { ...claims(), iss: ISSUER, aud: AUDIENCE }, PREVIOUS_SECRET);
    await expectRejected(strict, other);
  });
});
