import { Query } from '@nestjs/cqrs';
import type { OutboxLaneStatus } from '../../ports/outbox-lanes.port.js';

export interface OutboxStatus {
  readonly waiting: number;
  /** Age of the oldest waiting message; null when no message waits. */
  readonly oldestSeconds: number | null;
  readonly lastPublishedAt: Date | null;
  readonly failingLanes: number;
  readonly lastError: { readonly lane: number; readonly at: Date; readonly message: string } | null;
  /** True when a service with these settings publishes the waiting messages. */
  readonly relayed: boolean;
  readonly lanes: readonly OutboxLaneStatus[];
}

/** Asks how many messages wait in the outbox, for how long, and why. Counts every message. */
export class GetOutboxStatusQuery extends Query<OutboxStatus> {}
