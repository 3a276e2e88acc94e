import { Injectable, type ExecutionContext } from '@nestjs/common';
import { TokenGuard } from './token.guard.js';

/**
 * Lets requests without a token pass as anonymous. An invalid token is refused, so that the client
 * refreshes it and sends again.
 */
@Injectable()
export class OptionalAuthGuard extends TokenGuard {
  override canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (!this.hasToken(context) || this.findKnown(context) !== undefined) return true;
    return this.authenticate(context).then(() => true);
  }
}
