import { Injectable, type ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { AuthenticatedUser } from '../decorators/current-user.decorator.js';
import { ApplicationException } from '../exceptions/application.exception.js';
import { VerifiedTokens } from './verified-tokens.js';

interface AuthenticatedRequest {
  readonly headers: { readonly authorization?: string };
  user?: AuthenticatedUser;
}

/** Verifies a token once and remembers it until it expires. */
@Injectable()
export abstract class TokenGuard extends AuthGuard('jwt') {
  constructor(private readonly verifiedTokens: VerifiedTokens) {
    super();
  }

  override handleRequest<TUser>(error: unknown, user: TUser | false, info: unknown): TUser {
    return userOrThrow(error, user, info);
  }

  /**
   * Verifies a token that is not known.
   *
   * @throws ApplicationException `token_missing`, `token_expired`, `token_invalid`
   */
  protected async authenticate(context: ExecutionContext): Promise<AuthenticatedUser> {
    // Passport sets the user or throws.
    await super.canActivate(context);
    return requestOf(context).user as AuthenticatedUser;
  }

  /** Returns the user of a token that was verified before, and sets it as the request's user. */
  protected findKnown(context: ExecutionContext): AuthenticatedUser | undefined {
    const request = requestOf(context);
    const known = this.verifiedTokens.find(request.headers.authorization);
    if (known !== undefined) request.user = known;
    return known;
  }

  protected hasToken(context: ExecutionContext): boolean {
    return requestOf(context).headers.authorization !== undefined;
  }
}

function requestOf(context: ExecutionContext): AuthenticatedRequest {
  return context.switchToHttp().getRequest<AuthenticatedRequest>();
}

/** Translates the verdict of passport into our own errors. */
export function userOrThrow<TUser>(error: unknown, user: TUser | false, info: unknown): TUser {
  if (error instanceof Error) throw error;
  if (user) return user;
  const reason = info instanceof Error ? info : undefined;
  if (reason?.message === 'No auth token') {
    throw new ApplicationException('token_missing');
  }
  if (reason?.name === 'TokenExpiredError') {
    throw new ApplicationException('token_expired');
  }
  throw new ApplicationException('token_invalid');
}
