import { ConfigService } from '@nestjs/config';
import { describe, expect, it } from '@jest/globals';
import type { Configuration } from '../../../../src/config/configuration.js';
import { JwtStrategy } from '../../../../src/shared/guards/jwt.strategy.js';
import { NOW, unixSeconds } from '../../../support/builders.js';

const config = new ConfigService<Configuration, true>({
  jwt: { secret: 'a-secret-that-is-32-bytes-long-or-so' },
});
const strategy = new JwtStrategy(config);
const exp = unixSeconds(NOW);

describe('JwtStrategy', () => {
  describe('the user', () => {
    it.each([
      ['a decimal string', '42', 42n],
      ['a number', 42, 42n],
      ['a string beyond 2^53', '9223372036854775807', 9223372036854775807n],
      ['the largest safe number', Number.MAX_SAFE_INTEGER, 9007199254740991n],
    ])('may be %s', (_, userId, expected) => {
      expect(strategy.validate({ exp, userId })).toEqual({ userId: expected, roles: [] });
    });

    it('is the claim userId before sub', () => {
      expect(strategy.validate({ exp, userId: '1', sub: '2' })).toMatchObject({ userId: 1n });
    });

    it.each([undefined, null])('is sub where userId is %s', (userId) => {
      expect(strategy.validate({ exp, userId, sub: '2' })).toMatchObject({ userId: 2n });
    });

    it('is nobody when userId is wrong: sub may be somebody else', () => {
      expect(strategy.validate({ exp, userId: 'abc', sub: '2' })).toBe(false);
    });

    it.each([undefined, null, '', 'abc', '0', '-1', '01', '1.5', ' 1', 0, -1, 1.5, NaN, true, {}, ['1']])(
      'is nobody for %j',
      (userId) => {
        expect(strategy.validate({ exp, userId })).toBe(false);
      },
    );

    it('is nobody beyond 63 bits', () => {
      expect(strategy.validate({ exp, userId: '9223372036854775808' })).toBe(false);
    });

    it('is nobody for a number beyond 2^53, which may have been somebody else’s before it was rounded', () => {
      expect(strategy.validate({ exp, userId: 2 ** 53 })).toBe(false);
    });
  });

  it.each([undefined, null, '1736874000'])('refuses a token that ends never: exp is %j', (never) => {
    expect(strategy.validate({ exp: never, userId: '1' })).toBe(false);
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
    ])('of %j are %j', (claims, roles) => {
      expect(strategy.validate({ exp, userId: '1', ...claims })).toEqual({ userId: 1n, roles });
    });
  });
});
