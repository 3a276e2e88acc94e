import type { ITracer, Span } from '../../application/ports/tracer.port.js';
import { formatTraceparent, parseTraceparent } from '../../shared/rules/traceparent.rule.js';
import type { EventChannel, EventTransport, OutboundMessage } from '../outbox/event-transport.js';

/** Messages of one batch that one request or job caused, and that share a span. */
interface Send {
  readonly first: OutboundMessage;
  count: number;
  readonly span: Span;
  readonly traceparent: string;
}

/**
 * Adds a span for the messages of one type that one request caused, and lets subscribers continue it. A request may
 * cause a thousand messages, so they share a span.
 */
export class TracedTransport implements EventTransport {
  constructor(
    private readonly transport: EventTransport,
    private readonly tracer: ITracer,
  ) {}

  openChannel(): EventChannel {
    const channel = this.transport.openChannel();
    return {
      send: (messages) => this.sendTraced(channel, messages),
      close: () => channel.close(),
    };
  }

  check(): Promise<void> {
    return this.transport.check();
  }

  private async sendTraced(channel: EventChannel, messages: readonly OutboundMessage[]): Promise<void> {
    const sends = new Map<string, Send>();
    const traced = messages.map((message) => this.trace(message, sends));
    let failure: { readonly error?: unknown } = {};
    try {
      await channel.send(traced);
    } catch (error) {
      failure = { error };
      throw error;
    } finally {
      for (const { first, count, span } of sends.values()) {
        const one = count === 1 && { 'messaging.message.id': first.eventId };
        span.end({ attributes: { 'messaging.batch.message_count': count, ...one }, ...failure });
      }
    }
  }

  private trace(message: OutboundMessage, sends: Map<string, Send>): OutboundMessage {
    const { traceparent, eventType } = message;
    if (traceparent === undefined) return message;
    const key = `${traceparent} ${eventType}`;
    let send = sends.get(key);
    if (send === undefined) {
      const parent = parseTraceparent(traceparent);
      if (parent === null) return message;
      const span = this.tracer.start(`publish ${eventType}`, {
        kind: 'producer',
        attributes: { 'messaging.system': 'kafka' },
        parent,
      });
      send = { first: message, count: 0, span, traceparent: formatTraceparent(span.context) };
      sends.set(key, send);
    }
    send.count++;
    return { ...message, traceparent: send.traceparent };
  }
}
