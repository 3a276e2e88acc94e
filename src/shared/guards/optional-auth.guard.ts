import { Injectable, type ExecutionContext } from '@nestjs/common';
import { TokenGuard } from './token.guard.js';

/**
 * No token: anonymous. A token: it must be valid, for a client that means to be somebody must learn that it is not,
 * and send again.
 */
@Injectable()
export class OptionalAuthGuard extends TokenGuard {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.hasToken(context)) await this.authenticate(context);
    return true;
  }
}
