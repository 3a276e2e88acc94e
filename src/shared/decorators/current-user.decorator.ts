import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

/** The user of a verified token. */
export interface AuthenticatedUser {
  readonly userId: bigint;
  readonly roles: readonly string[];
  /** Unix milliseconds from which the token is expired. */
  readonly validUntilMs: number;
}

/**
 * Injects the user of the request's token, or one property of it: `@CurrentUser('userId')`.
 * Undefined where a token is optional and the request had none.
 */
export const CurrentUser = createParamDecorator(
  (
    property: keyof AuthenticatedUser | undefined,
    context: ExecutionContext,
  ): AuthenticatedUser | AuthenticatedUser[keyof AuthenticatedUser] | undefined => {
    const { user } = context.switchToHttp().getRequest<{ user?: AuthenticatedUser }>();
    return property === undefined ? user : user?.[property];
  },
);
