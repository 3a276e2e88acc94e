import { Query } from '@nestjs/cqrs';
import type { OutboxTarget } from '../get-outbox-status/get-outbox-status.query.js';
import type { Readiness } from '../get-readiness/get-readiness.query.js';

export interface DependencyStatus {
  readonly name: string;
  readonly status: 'up' | 'down';
  /** Start of this status; at the earliest the start of this replica. */
  readonly since: Date;
}

/** Figures that may be unknown, because the part that holds them did not answer. */
interface Reading {
  readonly state: 'ok' | 'unknown';
  readonly asOf: Date;
}

export interface OutboxReading extends Reading {
  /** Messages that wait to be published, counted up to 100,000; null while unknown. */
  readonly waiting: number | null;
  /** Age of the oldest waiting message; null while unknown and when none waits. */
  readonly oldestSeconds: number | null;
  /** Lanes whose last attempt to publish failed; null while unknown. */
  readonly failingLanes: number | null;
  readonly target: OutboxTarget;
}

export interface ConsumerReading extends Reading {
  /** Messages that no replica has committed yet; null while unknown. */
  readonly lagMessages: number | null;
}

export interface ServiceStatus {
  readonly status: Readiness['status'];
  readonly clock: Readiness['clock'];
  readonly asOf: Date;
  readonly dependencies: readonly DependencyStatus[];
  readonly outbox: OutboxReading;
  /** Null where the service consumes nothing, because no broker is configured. */
  readonly identityConsumer: ConsumerReading | null;
}

/** Asks how the parts of the service are: for people who watch it, not for load balancers. */
export class GetServiceStatusQuery extends Query<ServiceStatus> {}
