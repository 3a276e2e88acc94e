import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

/** Who a valid token speaks for. */
export interface AuthenticatedUser {
  readonly userId: bigint;
  readonly roles: readonly string[];
}

/** The user of the request's token; undefined where a token is optional and there was none. */
export const CurrentUser = createParamDecorator(
  (_: unknown, context: ExecutionContext): AuthenticatedUser | undefined =>
    context.switchToHttp().getRequest<{ user?: AuthenticatedUser }>().user,
);
