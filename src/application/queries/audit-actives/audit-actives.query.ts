import { Query } from '@nestjs/cqrs';

export interface ActivesAudit {
  readonly day: string;
  /** Active users by the bits of the day; null before they are built. */
  readonly bits: number | null;
  /** True when the day is final and its bits hold all that is known of it; what lags behind is no drift before. */
  readonly isSettled: boolean;
  /** One sentence for each difference; empty when the bits agree with all that is left of the day. */
  readonly drift: readonly string[];
}

/**
 * Compares the bits of a day with its log, with its active set, and with its stored figures when both are gone: who was
 * active, and where. {@link AuditNewUsersQuery} compares who was new.
 */
export class AuditActivesQuery extends Query<ActivesAudit> {
  constructor(readonly day: string) {
    super();
  }
}
