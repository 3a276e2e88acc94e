import { Query } from '@nestjs/cqrs';

export interface NewUsersAudit {
  readonly day: string;
  /** One sentence for each difference. */
  readonly drift: readonly string[];
}

/**
 * Compares who was new on each day of a span with the bits of all days before, and returns the days that differ. One
 * pass over the bits serves any number of days; days whose log was dropped are compared like all others.
 */
export class AuditNewUsersQuery extends Query<readonly NewUsersAudit[]> {
  constructor(
    readonly first: string,
    readonly last: string,
    readonly onStep?: (done: number, of: number) => void,
  ) {
    super();
  }
}
