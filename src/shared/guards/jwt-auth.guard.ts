import { Injectable, type ExecutionContext } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { Reflector } from '@nestjs/core';
import type { Configuration } from '../../config/configuration.js';
import { IS_ADMIN } from '../decorators/admin.decorator.js';
import type { AuthenticatedUser } from '../decorators/current-user.decorator.js';
import { IS_PUBLIC } from '../decorators/public.decorator.js';
import { ApplicationException } from '../exceptions/application.exception.js';
import { TokenGuard } from './token.guard.js';
import { VerifiedTokens } from './verified-tokens.js';

/** Holds what the decorators of a route demand. */
interface Access {
  readonly isPublic: boolean;
  readonly isAdmin: boolean;
}

/** Guards every route that is not `@Public()`. */
@Injectable()
export class JwtAuthGuard extends TokenGuard {
  private readonly adminRoles: readonly string[];
  /** Keyed by controller and handler: controllers may share a handler, and differ in their own decorators. */
  private readonly accessOfController = new Map<unknown, Map<unknown, Access>>();

  constructor(
    private readonly reflector: Reflector,
    verifiedTokens: VerifiedTokens,
    config: ConfigService<Configuration, true>,
  ) {
    super(verifiedTokens);
    this.adminRoles = config.get('jwt.adminRoles', { infer: true });
  }

  /** Answers without a promise where the token is known: Nest then calls the handler in the same turn. */
  override canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const { isPublic, isAdmin } = this.accessOf(context);
    if (isPublic) return true;
    const known = this.findKnown(context);
    if (known !== undefined) return this.admit(known, isAdmin);
    return this.authenticate(context).then((user) => this.admit(user, isAdmin));
  }

  /** Reads the decorators of each route once. */
  private accessOf(context: ExecutionContext): Access {
    const [controller, handler] = [context.getClass(), context.getHandler()];
    let accessOfHandler = this.accessOfController.get(controller);
    if (accessOfHandler === undefined)
      this.accessOfController.set(controller, (accessOfHandler = new Map<unknown, Access>()));
    let access = accessOfHandler.get(handler);
    if (access === undefined) {
      const targets = [handler, controller];
      const has = (key: string): boolean =>
        this.reflector.getAllAndOverride<boolean | undefined>(key, targets) === true;
      access = { isPublic: has(IS_PUBLIC), isAdmin: has(IS_ADMIN) };
      accessOfHandler.set(handler, access);
    }
    return access;
  }

  /** @throws ApplicationException `role_missing` */
  private admit(user: AuthenticatedUser, isAdmin: boolean): true {
    if (isAdmin) this.assertAdmin(user);
    return true;
  }

  private assertAdmin(user: AuthenticatedUser): void {
    if (this.adminRoles.length === 0 || user.roles.some((role) => this.adminRoles.includes(role))) return;
    throw new ApplicationException('role_missing');
  }
}
