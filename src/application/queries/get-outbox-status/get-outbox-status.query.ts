import { Query } from '@nestjs/cqrs';
import type { OutboxLaneStatus } from '../../ports/outbox-lanes.port.js';

/** Takes the messages of the outbox; null when nothing does, and they wait. */
export type OutboxTarget = 'kafka' | 'log' | null;

export interface OutboxStatus {
  readonly waiting: number;
  /** Age of the oldest waiting message; null when no message waits. */
  readonly oldestSeconds: number | null;
  readonly lastPublishedAt: Date | null;
  readonly failingLanes: number;
  readonly lastError: { readonly lane: number; readonly at: Date; readonly message: string } | null;
  /** True when a service with these settings publishes the waiting messages to subscribers. */
  readonly relayed: boolean;
  readonly target: OutboxTarget;
  readonly lanes: readonly OutboxLaneStatus[];
}

/** Asks how many messages wait in the outbox, for how long, and why. Counts every message. */
export class GetOutboxStatusQuery extends Query<OutboxStatus> {}
