import { Command } from '@nestjs/cqrs';

/** The Identity service has a new account. */
export class RecordAccountCreatedCommand extends Command<void> {
  constructor(
    /** Where this was published: recorded once for each. */
    readonly origin: string,
    readonly userId: unknown,
    /** The install it was created on, if known. */
    readonly installId: unknown,
    /** Unix seconds. */
    readonly occurredAt: number,
  ) {
    super();
  }
}
