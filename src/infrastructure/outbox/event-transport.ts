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

/** Where events go. Another client, or another broker, is another implementation of this. */
export interface EventTransport {
  /** A way of one's own: what one sender loses time or a connection over disturbs no other. */
  openChannel(): EventChannel;

  /** @throws when the other side cannot be reached */
  check(): Promise<void>;
}

export interface EventChannel {
  /**
   * Sends after whatever was sent before. Resolves once all messages are acknowledged; rejects when any may not be
   * (then all may be sent again).
   */
  send(messages: readonly OutboundMessage[]): Promise<void>;

  /** Waits a moment for what is being sent; should that take longer, it is cut off and rejects. */
  close(): Promise<void>;
}

export const EVENT_TRANSPORT = Symbol('EventTransport');

/** The value on the wire. 64-bit ids in the payload are decimal strings. */
export function toWireValue({ eventType, payload, occurredAt }: OutboundMessage): string {
  return JSON.stringify({ eventType, payload, occurredAt: occurredAt.toISOString() });
}
