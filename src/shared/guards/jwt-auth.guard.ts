import { Injectable, type ExecutionContext } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { Configuration } from '../../config/configuration.js';
import { IS_ADMIN } from '../decorators/admin.decorator.js';
import type { AuthenticatedUser } from '../decorators/current-user.decorator.js';
import { IS_PUBLIC } from '../decorators/public.decorator.js';
import { VerifiedTokens } from './verified-tokens.js';
import { ApplicationException } from '../exceptions/application.exception.js';

interface AuthenticatedRequest {
  readonly headers: { readonly authorization?: string };
  user: AuthenticatedUser;
}

/** Guards every route that is not `@Public()`. */
@Injectable()
export class JwtAuthGuard extends AuthGuard('jwt') {
  private readonly adminRoles: readonly string[];

  constructor(
    private readonly reflector: Reflector,
    private readonly verifiedTokens: VerifiedTokens,
    config: ConfigService<Configuration, true>,
  ) {
    super();
    this.adminRoles = config.get('jwt.adminRoles', { infer: true });
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, targets) === true) return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const known = this.verifiedTokens.find(request.headers.authorization);
    if (known === undefined) await super.canActivate(context);
    else request.user = known;
    if (this.reflector.getAllAndOverride<boolean | undefined>(IS_ADMIN, targets) === true) {
      this.assertAdmin(request.user);
    }
    return true;
  }

  override handleRequest<TUser>(error: unknown, user: TUser | false, info: unknown): TUser {
    return userOrThrow(error, user, info);
  }

  private assertAdmin(user: AuthenticatedUser): void {
    if (this.adminRoles.length === 0 || user.roles.some((role) => this.adminRoles.includes(role))) return;
    throw new ApplicationException(
      'role_missing',
      'forbidden',
      'The token lacks a role that may read these figures.',
    );
  }
}

/** What passport found out, as our own errors. */
export function userOrThrow<TUser>(error: unknown, user: TUser | false, info: unknown): TUser {
  if (error instanceof Error) throw error;
  if (user) return user;
  const reason = info instanceof Error ? info : undefined;
  if (reason?.message === 'No auth token') {
    throw new ApplicationException(
      'token_missing',
      'unauthenticated',
      'Send a token of the Identity service as "Authorization: Bearer …".',
    );
  }
  if (reason?.name === 'TokenExpiredError') {
    throw new ApplicationException(
      'token_expired',
      'unauthenticated',
      'The token has expired. Refresh it and send the same request again.',
    );
  }
  throw new ApplicationException(
    'token_invalid',
    'unauthenticated',
    'The token is not valid here. Get a new one and send the same request again.',
  );
}
