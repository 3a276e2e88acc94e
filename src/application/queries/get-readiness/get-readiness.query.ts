import { Query } from '@nestjs/cqrs';

export interface Readiness {
  /** `degraded`: the service still does its job without what is missing; `unavailable`: it cannot. */
  readonly status: 'ok' | 'degraded' | 'unavailable';
  readonly dependencies: Readonly<Record<string, 'up' | 'down'>>;
}

export class GetReadinessQuery extends Query<Readiness> {}
