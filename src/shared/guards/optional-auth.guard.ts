import { Injectable, type ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { AuthenticatedUser } from '../decorators/current-user.decorator.js';
import { userOrThrow } from './jwt-auth.guard.js';
import { VerifiedTokens } from './verified-tokens.js';

/**
 * No token: anonymous. A token: it must be valid, for a client that means to be somebody must learn that it is not,
 * and send again.
 */
@Injectable()
export class OptionalAuthGuard extends AuthGuard('jwt') {
  constructor(private readonly verifiedTokens: VerifiedTokens) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context
      .switchToHttp()
      .getRequest<{ headers: { authorization?: string }; user?: AuthenticatedUser }>();
    if (request.headers.authorization === undefined) return true;
    const known = this.verifiedTokens.find(request.headers.authorization);
    if (known === undefined) await super.canActivate(context);
    else request.user = known;
    return true;
  }

  override handleRequest<TUser>(error: unknown, user: TUser | false, info: unknown): TUser {
    return userOrThrow(error, user, info);
  }
}
