import { Query } from '@nestjs/cqrs';

export interface Readiness {
  /**
   * `degraded` means that the service does its job without the missing dependency; `unavailable` that it
   * cannot.
   */
  readonly status: 'ok' | 'degraded' | 'unavailable';
  readonly dependencies: Readonly<Record<string, 'up' | 'down'>>;
}

export class GetReadinessQuery extends Query<Readiness> {}
