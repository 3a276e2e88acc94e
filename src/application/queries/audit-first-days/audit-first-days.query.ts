import { Query } from '@nestjs/cqrs';

export interface FirstDaysAudit {
  /** The days of the span that differ, with one sentence for each difference. */
  readonly days: readonly { readonly day: string; readonly drift: readonly string[] }[];
  /** Days up to the last one whose log was dropped: their first days are compared with bits only. */
  readonly withoutLog: readonly string[];
  /** Days up to the last one that are not settled: their first days are not compared. */
  readonly unsettled: readonly string[];
}

/**
 * Compares who was new on each day of a span with the first day of each identity in the whole log up to the last day.
 * {@link AuditNewUsersQuery} compares them with the bits, which may be wrong on days that nobody audits.
 */
export class AuditFirstDaysQuery extends Query<FirstDaysAudit> {
  constructor(
    readonly first: string,
    readonly last: string,
    readonly onStep?: (done: number, of: number) => void,
  ) {
    super();
  }
}
