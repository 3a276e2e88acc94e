import { toWireValue, type OutboundMessage } from '../outbox/event-transport.js';

/** Record of a published event, as every client library sends it. */
export interface EventRecord {
  readonly subject: string;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Uses the event type as the key, for subscribers' filters; the subject decides the partition. */
export function toEventRecord(message: OutboundMessage): EventRecord {
  return {
    subject: message.subject,
    key: message.eventType,
    value: toWireValue(message),
    headers: {
      'event-id': message.eventId,
      'event-type': message.eventType,
      'content-type': 'application/json',
      ...(message.traceparent !== undefined && { traceparent: message.traceparent }),
    },
  };
}
