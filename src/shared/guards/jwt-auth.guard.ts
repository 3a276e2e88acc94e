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

/** Guards every route that is not `@Public()`. */
@Injectable()
export class JwtAuthGuard extends TokenGuard {
  private readonly adminRoles: readonly string[];

  constructor(
    private readonly reflector: Reflector,
    verifiedTokens: VerifiedTokens,
    config: ConfigService<Configuration, true>,
  ) {
    super(verifiedTokens);
    this.adminRoles = config.get('jwt.adminRoles', { infer: true });
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, targets) === true) return true;
    const user = await this.authenticate(context);
    if (this.reflector.getAllAndOverride<boolean | undefined>(IS_ADMIN, targets) === true)
      this.assertAdmin(user);
    return true;
  }

  private assertAdmin(user: AuthenticatedUser): void {
    if (this.adminRoles.length === 0 || user.roles.some((role) => this.adminRoles.includes(role))) return;
    throw new ApplicationException('role_missing');
  }
}
