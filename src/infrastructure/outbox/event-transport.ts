import type { EventPayload } from '../../domain/events/domain-event.js';

/** Event to be published to subscribers. */
export interface OutboundMessage {
  /** Stays the same over retries, so that subscribers can deduplicate. */
  readonly eventId: string;
  readonly eventType: string;
  /** Decides the partition; the messages of a subject stay in order. */
  readonly subject: string;
  readonly occurredAt: Date;
  readonly payload: EventPayload;
  /** Trace of the request or job that caused the event (W3C); absent for none. */
  readonly traceparent?: string;
}

/** Connection to the message broker; each client library has its own implementation. */
export interface EventTransport {
  /** Opens a channel for one sender, whose delays and failures do not affect other senders. */
  openChannel(): EventChannel;

  /** @throws Error when the message broker is unavailable */
  check(): Promise<void>;
}

export interface EventChannel {
  /**
   * Sends after the earlier calls and resolves once all messages are acknowledged.
   *
   * @throws Error when any message may not have been stored; the caller may send all of them again
   */
  send(messages: readonly OutboundMessage[]): Promise<void>;

  /** Waits for the in-flight call within a time limit; a call that takes longer fails. */
  close(): Promise<void>;
}

export const EVENT_TRANSPORT = Symbol('EventTransport');

/** Returns the value of a message; 64-bit ids in the payload are decimal strings. */
export function toWireValue({ eventType, payload, occurredAt }: OutboundMessage): string {
  return JSON.stringify({ eventType, payload, occurredAt: occurredAt.toISOString() });
}
