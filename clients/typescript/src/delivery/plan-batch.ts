import type { QueuedEvent } from '../queue/queued-event.js';
import type { ClientSettings } from '../client-settings.js';

export interface Batch {
  readonly events: readonly QueuedEvent[];
  /** True when the batch goes out under the token of the current user. */
  readonly withToken: boolean;
}

type Limits = Pick<ClientSettings, 'maxBatchEvents' | 'maxBatchBytes' | 'eventsOfOtherUsers'>;

/** `{"sentAt":1732685160.123,"events":[]}` and some room. */
const ENVELOPE_BYTES = 64;

/** Tells whether an event goes under the token of a user, without a token, or waits for its user. */
export function chooseDoor(
  event: QueuedEvent,
  userId: string | null,
  { eventsOfOtherUsers }: Pick<Limits, 'eventsOfOtherUsers'>,
): 'token' | 'open' | 'wait' {
  if (event.userId === null) return 'open';
  if (event.userId === userId && !event.withoutToken) return 'token';
  return eventsOfOtherUsers === 'keep' && event.userId !== userId ? 'wait' : 'open';
}

/** Takes the oldest events that go through the same door, within the limits. @returns null when none may be sent */
export function planBatch(
  candidates: Iterable<QueuedEvent>,
  userId: string | null,
  limits: Limits,
): Batch | null {
  const events: QueuedEvent[] = [];
  let bytes = ENVELOPE_BYTES;
  let door: 'token' | 'open' | undefined;
  for (const event of candidates) {
    const own = chooseDoor(event, userId, limits);
    if (own === 'wait' || (door !== undefined && own !== door)) continue;
    bytes += event.sizeBytes + 1;
    if (events.length > 0 && bytes > limits.maxBatchBytes) break;
    door = own;
    events.push(event);
    if (events.length >= limits.maxBatchEvents) break;
  }
  return door === undefined ? null : { events, withToken: door === 'token' };
}
