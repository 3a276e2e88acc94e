import { Command } from '@nestjs/cqrs';

/** Records an account that the Identity service created, once for each origin. */
export class RecordAccountCreatedCommand extends Command<void> {
  constructor(
    /** Topic, partition and offset of the first publication. */
    readonly origin: string,
    readonly userId: unknown,
    /** Install on which the account was created, if known. */
    readonly installId: unknown,
    /** Unix seconds. */
    readonly occurredAt: number,
  ) {
    super();
  }
}
