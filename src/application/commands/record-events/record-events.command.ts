import { Command } from '@nestjs/cqrs';
import type { RejectedItem } from '../../services/parse-each.js';

/**
 * An event as the client sent it, unchecked. The value objects check each event, so that a bad one never
 * fails its neighbours.
 */
export interface EventItem {
  readonly eventName?: unknown;
  readonly userId?: unknown;
  readonly installId?: unknown;
  /** Unix seconds, fractions allowed. */
  readonly clientTs?: unknown;
  readonly properties?: unknown;
  readonly eventId?: unknown;
}

export interface RejectedEvent extends RejectedItem {
  readonly eventId?: string;
}

/** `accepted + duplicates + failed` is the number of events sent. */
export interface RecordEventsResult {
  readonly accepted: number;
  readonly duplicates: number;
  readonly failed: number;
  readonly errors?: readonly string[];
  readonly rejected?: readonly RejectedEvent[];
}

export class RecordEventsCommand extends Command<RecordEventsResult> {
  /**
   * @param sentAt the device's clock when it sent the request, Unix seconds
   * @param authenticatedUserId the user of the request's token, if it had one
   */
  constructor(
    readonly events: readonly unknown[],
    readonly sentAt?: number,
    readonly authenticatedUserId?: bigint,
  ) {
    super();
  }
}
