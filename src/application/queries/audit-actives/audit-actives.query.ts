import { Query } from '@nestjs/cqrs';

export interface ActivesAudit {
  readonly day: string;
  /** Active users by the bits of the day; null before they are built. */
  readonly bits: number | null;
  /** One sentence for each difference; empty when bits and log agree. */
  readonly drift: readonly string[];
}

/** Compares the bits of a day with the event log: who was active, where, and for the first time. */
export class AuditActivesQuery extends Query<ActivesAudit> {
  constructor(readonly day: string) {
    super();
  }
}
