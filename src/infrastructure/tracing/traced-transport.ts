import type { ITracer } from '../../application/ports/tracer.port.js';
import { formatTraceparent, parseTraceparent } from '../../shared/rules/traceparent.rule.js';
import type { EventChannel, EventTransport, OutboundMessage } from '../outbox/event-transport.js';

/** Adds a span for each message that is part of a trace, and lets subscribers continue it. */
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
    const sends = messages.map((message) => this.startSend(message));
    try {
      await channel.send(sends.map(({ message }) => message));
      for (const { span } of sends) span?.end();
    } catch (error) {
      for (const { span } of sends) span?.end({ error });
      throw error;
    }
  }

  private startSend(message: OutboundMessage) {
    const parent = parseTraceparent(message.traceparent);
    if (parent === null) return { message, span: null };
    const span = this.tracer.start(`publish ${message.eventType}`, {
      kind: 'producer',
      attributes: { 'messaging.system': 'kafka', 'messaging.message.id': message.eventId },
      parent,
    });
    return { message: { ...message, traceparent: formatTraceparent(span.context) }, span };
  }
}
