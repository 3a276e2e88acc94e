import type {
  EventChannel,
  EventTransport,
  OutboundMessage,
} from '../../../../src/infrastructure/outbox/event-transport.js';

/** Keeps what is sent over its channels; a test can delay or fail a send. */
export class RecordingTransport implements EventTransport {
  readonly batches: (readonly OutboundMessage[])[] = [];
  opened = 0;
  closed = 0;
  /** Runs before a batch counts as sent; `send` rejects with what it throws. */
  beforeSend: (messages: readonly OutboundMessage[]) => Promise<void> = () => Promise.resolve();

  get sent(): OutboundMessage[] {
    return this.batches.flat();
  }

  get ids(): string[] {
    return this.sent.map(({ eventId }) => eventId);
  }

  openChannel(): EventChannel {
    this.opened++;
    return {
      send: async (messages) => {
        await this.beforeSend(messages);
        this.batches.push(messages);
      },
      close: () => {
        this.closed++;
        return Promise.resolve();
      },
    };
  }

  check(): Promise<void> {
    return Promise.resolve();
  }
}
