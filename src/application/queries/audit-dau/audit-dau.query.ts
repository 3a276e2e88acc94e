import { Query } from '@nestjs/cqrs';

export interface DauAudit {
  readonly day: string;
  /** Distinct identities in the log, which is the reference; null when retention dropped the day's events. */
  readonly log: number | null;
  /** Null when retention dropped the active set; the reference when the log was dropped. */
  readonly activeSet: number | null;
  /** Null before the first calculation and for a day without actives. */
  readonly stored: number | null;
  /** Null when the day is too old for a live figure or Redis is unavailable. */
  readonly realtime: number | null;
  /** One sentence for each difference; empty when all figures agree. */
  readonly drift: readonly string[];
}

/** Compares log, active set, stored stats and HyperLogLog of a day. Costs by the day's events. */
export class AuditDauQuery extends Query<DauAudit> {
  constructor(readonly day: string) {
    super();
  }
}
