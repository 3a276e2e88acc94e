import { describe, expect, it } from '@jest/globals';
import jsonwebtoken from 'jsonwebtoken';
import { TokenIssuer } from '../../../../../tools/simulation/delivery/token-issuer.js';

describe('TokenIssuer', () => {
  it('issues one token per user that a JWT library accepts, with the user id and an expiry', () => {
    const nowMs = Date.now();
    const issuer = new TokenIssuer('secret', nowMs, 60_000);
    for (const [userId, claim] of [
      ['9007199254740993', 'sub'],
      ['9007199254740994', 'userId'],
    ] as const) {
      const token = issuer.forUser(userId);
      const claims = jsonwebtoken.verify(token, 'secret', { algorithms: ['HS256'] }) as Record<
        string,
        unknown
      >;
      expect(claims[claim]).toBe(userId);
      expect(claims['exp']).toBe(Math.floor(nowMs / 1000) + 60);
      expect(issuer.forUser(userId)).toBe(token);
    }
    expect(jsonwebtoken.verify(issuer.forAdmin('boss'), 'secret')).toMatchObject({ roles: ['boss'] });
  });
});
