import type { EventTransport, OutboundMessage } from '../../../src/infrastructure/kafka/event-transport.js';

/** Keeps what is sent; sending can be made to fail, or to wait. */
export class RecordingTransport implements EventTransport {
  readonly batches: (readonly OutboundMessage[])[] = [];
  closed = 0;
  /** Awaited before a batch counts as sent; what it throws is what `send` rejects with. */
  beforeSend: (messages: readonly OutboundMessage[]) => Promise<void> = () => Promise.resolve();

  get sent(): OutboundMessage[] {
    return this.batches.flat();
  }

  get ids(): string[] {
    return this.sent.map(({ eventId }) => eventId);
  }

  async send(messages: readonly OutboundMessage[]): Promise<void> {
    await this.beforeSend(messages);
    this.batches.push(messages);
  }

  check(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.closed++;
    return Promise.resolve();
  }
}
