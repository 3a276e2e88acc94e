import { describe, expect, it } from '@jest/globals';
import { JwtStrategy } from '../../../../src/shared/guards/jwt.strategy.js';
import { configWith, TOKEN_EXPIRED } from './fake-requests.js';
import { NOW, unixSeconds } from '../../../support/builders.js';
import { VerifiedTokens } from '../../../../src/shared/guards/verified-tokens.js';

const config = configWith();
const strategy = new JwtStrategy(config, new VerifiedTokens(() => NOW.getTime()));

/** Returns a request whose token contains this JSON text as its claims. */
const validate = (claims: object, text = JSON.stringify(claims)) =>
  strategy.validate(
    {
      headers: { authorization: `Bearer e30.${Buffer.from(text).toString('base64url')}.signature` },
    },
    { ...claims },
  );
const exp = unixSeconds(NOW);

describe('JwtStrategy', () => {
  describe('the user', () => {
    it.each([
      ['a decimal string', '42', 42n],
      ['a number', 42, 42n],
      ['a string beyond 2^53', '9223372036854775807', 9223372036854775807n],
      ['the largest safe number', Number.MAX_SAFE_INTEGER, 9007199254740991n],
    ])('may be %s', (_, userId, expected) => {
      // Clocks of two servers may differ by 30 s.
      const validUntilMs = (exp + 30) * 1000;
      expect(validate({ exp, userId })).toEqual({ userId: expected, roles: [], validUntilMs });
    });

    it('is the claim userId rather than sub', () => {
      expect(validate({ exp, userId: '1', sub: '2' })).toMatchObject({ userId: 1n });
    });

    it.each([undefined, null])('is sub where userId is %s', (userId) => {
      expect(validate({ exp, userId, sub: '2' })).toMatchObject({ userId: 2n });
    });

    it('is absent when userId is invalid, also with a valid sub', () => {
      expect(validate({ exp, userId: 'abc', sub: '2' })).toBe(false);
    });

    it.each([undefined, null, '', 'abc', '0', '-1', '01', '1.5', ' 1', 0, -1, 1.5, NaN, true, {}, ['1']])(
      'is absent for %j',
      (userId) => {
        expect(validate({ exp, userId })).toBe(false);
      },
    );

    it('is absent above 63 bits', () => {
      expect(validate({ exp, userId: '9223372036854775808' })).toBe(false);
    });

    it.each([
      ['9007199254740993', 2n ** 53n + 1n],
      ['9223372036854775807', 2n ** 63n - 1n],
    ])('is the number %s to the last digit', (digits, expected) => {
      const claims = JSON.parse(`{"exp":${exp},"userId":${digits}}`) as object;
      expect(validate(claims, `{"exp":${exp},"userId":${digits}}`)).toMatchObject({ userId: expected });
      const asSub = JSON.parse(`{"exp":${exp},"sub":${digits}}`) as object;
      expect(validate(asSub, `{"nested":{"sub":1},"exp":${exp},"sub":${digits}}`)).toMatchObject({
        userId: expected,
      });
    });

    it.each(['9223372036854775808', '1e300', '9007199254740993.5'])(
      'is absent for the number %s',
      (digits) => {
        const text = `{"exp":${exp},"userId":${digits}}`;
        expect(validate(JSON.parse(text) as object, text)).toBe(false);
      },
    );
  });

  it.each([undefined, null, '1736874000'])('rejects a token without an expiry: exp is %j', (never) => {
    expect(validate({ exp: never, userId: '1' })).toBe(false);
  });

  describe('the times of a token, by the clock of all replicas', () => {
    it.each([
      ['exp', exp - 29, true],
      ['nbf', exp + 30, true],
      ['nbf', exp + 31, false],
      ['nbf', 'tomorrow', false],
      ['nbf', null, false],
    ])('allow 30 s of leeway: %s %j is accepted: %j', (claim, value, accepted) => {
      const verdict = validate({ exp, userId: '1', [claim]: value });
      expect(verdict !== false).toBe(accepted);
    });

    it('say that a token has expired', () => {
      expect(() => validate({ exp: exp - 30, userId: '1' })).toThrow(TOKEN_EXPIRED);
    });
  });

  describe('roles', () => {
    it.each([
      [{ roles: ['admin', 'editor'] }, ['admin', 'editor']],
      [{ role: 'admin' }, ['admin']],
      [{ roles: 'admin' }, ['admin']],
      [{ role: ['admin'] }, ['admin']],
      [{ roles: [], role: 'admin' }, []],
      [{ roles: ['admin', 7, null] }, ['admin']],
      [{ roles: { admin: true } }, []],
      [{}, []],
    ])('are, for the claim %j, %j', (claims, roles) => {
      expect(validate({ exp, userId: '1', ...claims })).toMatchObject({ userId: 1n, roles });
    });
  });
});
