import { beforeAll, describe, expect, it } from '@jest/globals';
import { OptionalAuthGuard } from '../../../../src/shared/guards/optional-auth.guard.js';
import { BAD_TOKENS, contextOf, registerStrategy, requestWith, tokenWith } from './fake-requests.js';
import { VerifiedTokens } from '../../../../src/shared/guards/verified-tokens.js';

beforeAll(registerStrategy);

describe('OptionalAuthGuard', () => {
  const guard = new OptionalAuthGuard(new VerifiedTokens());

  it('takes no token for nobody', async () => {
    const request = requestWith();
    await expect(guard.canActivate(contextOf(request))).resolves.toBe(true);
    expect(request.user).toBeUndefined();
  });

  it('takes a valid token for its user', async () => {
    const request = requestWith(tokenWith({ roles: ['admin'] }));
    await expect(guard.canActivate(contextOf(request))).resolves.toBe(true);
    expect(request.user).toEqual({ userId: 42n, roles: ['admin'] });
  });

  it.each(BAD_TOKENS)('refuses a token that is %s: the client must learn of it', async (_, token, error) => {
    await expect(guard.canActivate(contextOf(requestWith(token)))).rejects.toEqual(error);
  });
});
