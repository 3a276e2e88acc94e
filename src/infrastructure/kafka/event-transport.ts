import type { EventPayload } from '../../domain/events/domain-event.js';

/** One event on its way to subscribers. */
export interface OutboundMessage {
  /** Constant over retries: subscribers dedupe by it. */
  readonly eventId: string;
  readonly eventType: string;
  /** Whose order is kept; decides the partition. */
  readonly subject: string;
  readonly occurredAt: Date;
  readonly payload: EventPayload;
}

/** Where events go. */
export interface EventTransport {
  /** Resolves once all messages are acknowledged; rejects when any may not be (then all may be sent again). */
  send(messages: readonly OutboundMessage[]): Promise<void>;

  /** @throws when the other side cannot be reached */
  check(): Promise<void>;

  close(): Promise<void>;
}

export const EVENT_TRANSPORT = Symbol('EventTransport');

/** The value on the wire. 64-bit ids in the payload are decimal strings. */
export function toWireValue({ eventType, payload, occurredAt }: OutboundMessage): string {
  return JSON.stringify({ eventType, payload, occurredAt: occurredAt.toISOString() });
}
