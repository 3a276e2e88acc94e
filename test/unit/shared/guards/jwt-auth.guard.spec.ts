import { Reflector } from '@nestjs/core';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Admin } from '../../../../src/shared/decorators/admin.decorator.js';
import { Public } from '../../../../src/shared/decorators/public.decorator.js';
import { JwtAuthGuard } from '../../../../src/shared/guards/jwt-auth.guard.js';
import { userOrThrow } from '../../../../src/shared/guards/token.guard.js';
import { applicationError } from '../../expectations.js';
import {
  BAD_TOKENS,
  configWith,
  contextOf,
  registerStrategy,
  requestWith,
  TOKEN_MISSING,
  tokenWith,
  type Request,
} from './fake-requests.js';
import { VerifiedTokens } from '../../../../src/shared/guards/verified-tokens.js';

class Controller {
  open(): void {}
  forUsers(): void {}
  forAdmins(): void {}
}

const { open, forUsers, forAdmins } = Controller.prototype;
Public()(open);
Admin()(forAdmins);

beforeAll(registerStrategy);

async function pass(request: Request, handler: () => void, adminRoles?: readonly string[]): Promise<boolean> {
  const guard = new JwtAuthGuard(
    new Reflector(),
    new VerifiedTokens(() => Date.now()),
    configWith(adminRoles),
  );
  return guard.canActivate(contextOf(request, { handler, controller: Controller }));
}

describe('JwtAuthGuard', () => {
  it('asks for what each controller says of a handler that both have', async () => {
    class Base {
      shared(): void {}
    }
    @Public()
    class Open extends Base {}
    @Admin()
    class Closed extends Base {}
    const guard = new JwtAuthGuard(
      new Reflector(),
      new VerifiedTokens(() => Date.now()),
      configWith(['admin']),
    );
    const handler = Base.prototype.shared;
    const pass = async (controller: new () => object, request: Request): Promise<unknown> =>
      guard.canActivate(contextOf(request, { handler, controller }));
    await expect(pass(Open, requestWith())).resolves.toBe(true);
    await expect(pass(Closed, requestWith())).rejects.toEqual(TOKEN_MISSING);
    await expect(pass(Base, requestWith(tokenWith()))).resolves.toBe(true);
    await expect(pass(Closed, requestWith(tokenWith()))).rejects.toMatchObject({ code: 'role_missing' });
    await expect(pass(Open, requestWith())).resolves.toBe(true);
  });

  it('admits every request to a public route without reading a token', async () => {
    await expect(pass(requestWith(), open)).resolves.toBe(true);
    await expect(pass(requestWith('nonsense'), open)).resolves.toBe(true);
  });

  it('admits a valid token and sets its user', async () => {
    const request = requestWith(tokenWith());
    await expect(pass(request, forUsers)).resolves.toBe(true);
    expect(request.user).toMatchObject({ userId: 42n, roles: [] });
  });

  it('rejects a request without a token', async () => {
    await expect(pass(requestWith(), forUsers)).rejects.toEqual(TOKEN_MISSING);
  });

  it.each(BAD_TOKENS)('rejects a token that is %s', async (_, token, error) => {
    await expect(pass(requestWith(token), forUsers)).rejects.toEqual(error);
  });

  describe('on an admin route', () => {
    it('admits any valid token when no roles are configured', async () => {
      await expect(pass(requestWith(tokenWith()), forAdmins)).resolves.toBe(true);
    });

    it('requires one of the configured roles', async () => {
      const roles = ['admin', 'analyst'];
      await expect(pass(requestWith(tokenWith({ roles: ['analyst'] })), forAdmins, roles)).resolves.toBe(
        true,
      );
      await expect(pass(requestWith(tokenWith({ roles: ['user'] })), forAdmins, roles)).rejects.toEqual(
        applicationError('role_missing', 'forbidden'),
      );
    });

    it('requires no role on other routes', async () => {
      await expect(pass(requestWith(tokenWith()), forUsers, ['admin'])).resolves.toBe(true);
    });

    it('rejects a request without a token with 401 and not with 403', async () => {
      await expect(pass(requestWith(), forAdmins, ['admin'])).rejects.toEqual(TOKEN_MISSING);
    });
  });
});

describe('userOrThrow', () => {
  it('rethrows a service exception', () => {
    expect(() => userOrThrow(new Error('strategy broke'), false, undefined)).toThrow('strategy broke');
  });
});
