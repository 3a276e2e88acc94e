import { Query } from '@nestjs/cqrs';

export interface DauAudit {
  readonly day: string;
  /** Distinct identities in the log: the truth. */
  readonly log: number;
  readonly activeSet: number;
  /** Null before the first calculation, or when nobody was active. */
  readonly stored: number | null;
  /** Null when the day has no live figure (too old, or Redis is away). */
  readonly realtime: number | null;
  /** One sentence for each figure that should agree and does not; empty is what one hopes for. */
  readonly drift: readonly string[];
}

/** Compares all that knows a day's DAU: log, active set, stored stats, HyperLogLog. Costs by the day's events. */
export class AuditDauQuery extends Query<DauAudit> {
  constructor(readonly day: string) {
    super();
  }
}
