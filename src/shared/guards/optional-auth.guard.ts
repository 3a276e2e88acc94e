import { Injectable, type ExecutionContext } from '@nestjs/common';
import { TokenGuard } from './token.guard.js';

/**
 * Lets requests without a token pass as anonymous. An invalid token is refused, so that the client
 * refreshes it and sends again.
 */
@Injectable()
export class OptionalAuthGuard extends TokenGuard {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.hasToken(context)) await this.authenticate(context);
    return true;
  }
}
