import { Command } from '@nestjs/cqrs';
import type { ErasedRows, ErasureOptions, ErasureReport } from '../../ports/identity-erasure.port.js';

export interface EraseIdentityResult extends ErasedRows {
  /** True when the store of presence had an entry of the user. */
  readonly wasPresent: boolean;
  readonly report: ErasureReport;
}

/** Erases a user, or the events of an install that no user was logged in for. */
export class EraseIdentityCommand extends Command<EraseIdentityResult> {
  constructor(
    readonly kind: 'user' | 'install',
    readonly id: string,
    readonly options: ErasureOptions,
  ) {
    super();
  }
}
