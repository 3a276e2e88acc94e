import { beforeAll, describe, expect, it } from '@jest/globals';
import { OptionalAuthGuard } from '../../../../src/shared/guards/optional-auth.guard.js';
import { BAD_TOKENS, contextOf, registerStrategy, requestWith, tokenWith } from './fake-requests.js';
import { VerifiedTokens } from '../../../../src/shared/guards/verified-tokens.js';

beforeAll(registerStrategy);

describe('OptionalAuthGuard', () => {
  const guard = new OptionalAuthGuard(new VerifiedTokens(() => Date.now()));
  const pass = async (request: object): Promise<unknown> => guard.canActivate(contextOf(request));

  it('admits a request without a token and sets no user', async () => {
    const request = requestWith();
    await expect(pass(request)).resolves.toBe(true);
    expect(request.user).toBeUndefined();
  });

  it('sets the user of a valid token', async () => {
    const request = requestWith(tokenWith({ roles: ['admin'] }));
    await expect(pass(request)).resolves.toBe(true);
    expect(request.user).toMatchObject({ userId: 42n, roles: ['admin'] });
  });

  it.each(BAD_TOKENS)('rejects a token that is %s', async (_, token, error) => {
    await expect(pass(requestWith(token))).rejects.toEqual(error);
  });
});
