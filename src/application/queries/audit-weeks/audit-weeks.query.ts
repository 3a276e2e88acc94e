import { Query } from '@nestjs/cqrs';

export interface WeekAudit {
  /** Monday. */
  readonly week: string;
  /** One sentence for each difference. */
  readonly drift: readonly string[];
}

/** Compares the united weeks that touch a span with the bits and places of their days; returns those that differ. */
export class AuditWeeksQuery extends Query<readonly WeekAudit[]> {
  constructor(
    readonly first: string,
    readonly last: string,
  ) {
    super();
  }
}
