import { Query } from '@nestjs/cqrs';

export interface Readiness {
  /**
   * `degraded` means that the service does its job although a dependency is missing or the clock is off;
   * `unavailable` that it cannot; `shutting_down` that it still serves and ends soon.
   */
  readonly status: 'ok' | 'degraded' | 'unavailable' | 'shutting_down';
  readonly dependencies: Readonly<Record<string, 'up' | 'down'>>;
  /** `off` when the clock of this machine is more than 5 s from the stores'; the service goes by theirs. */
  readonly clock: 'ok' | 'off';
}

export class GetReadinessQuery extends Query<Readiness> {}
