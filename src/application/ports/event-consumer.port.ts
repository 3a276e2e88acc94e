/** Message that another service published. */
export interface InboundMessage {
  /** Place where it was first published; stays the same over redeliveries and replays. */
  readonly origin: string;
  readonly key: string | null;
  /** The bytes as they were published; null for a message without a value. */
  readonly value: Buffer | null;
  /** Trace of what published it (W3C), unchecked; null for none. */
  readonly traceparent?: string | null;
}

/**
 * Handles one message, perhaps repeatedly. Several messages are handled at once and committed in the order of their
 * partition.
 *
 * @returns `skipped` when the message does not concern this service
 * @throws ServiceException of kind `unavailable` to have the message delivered again until it succeeds; of another
 *   kind to make it a dead letter with this code. Any other error makes it a dead letter after a few attempts.
 */
export type MessageHandler = (message: InboundMessage) => Promise<'handled' | 'skipped'>;

/** Delivers messages of other services, at least once. */
export interface IEventConsumer {
  /** Starts the delivery, which begins when the broker is available and ends with the application. Called once. */
  start(handle: MessageHandler): void;
}

export const EVENT_CONSUMER = Symbol('IEventConsumer');
