import { Injectable, type ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { userOrThrow } from './jwt-auth.guard.js';

/**
 * No token: anonymous. A token: it must be valid, for a client that means to be somebody must learn that it is not,
 * and send again.
 */
@Injectable()
export class OptionalAuthGuard extends AuthGuard('jwt') {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const { headers } = context.switchToHttp().getRequest<{ headers: { authorization?: string } }>();
    if (headers.authorization === undefined) return true;
    await super.canActivate(context);
    return true;
  }

  override handleRequest<TUser>(error: unknown, user: TUser | false, info: unknown): TUser {
    return userOrThrow(error, user, info);
  }
}
