import { Query } from '@nestjs/cqrs';

export interface Readiness {
  /**
   * `degraded` means that the service does its job without the missing dependency; `unavailable` that it
   * cannot; `shutting_down` that it still serves, and that no further requests should be sent to it.
   */
  readonly status: 'ok' | 'degraded' | 'unavailable' | 'shutting_down';
  readonly dependencies: Readonly<Record<string, 'up' | 'down'>>;
}

export class GetReadinessQuery extends Query<Readiness> {}
