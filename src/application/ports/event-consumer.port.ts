/** A message that another service published. */
export interface InboundMessage {
  /** Topic, partition and offset of the first publication, unchanged by redelivery and replay. */
  readonly origin: string;
  readonly key: string | null;
  readonly value: string | null;
}

/**
 * Handles one message, possibly repeatedly and beside others. Kind `unavailable` makes the consumer deliver
 * it again; another kind makes it a dead letter.
 *
 * @returns `skipped` for a message that the service does not need
 * @throws any other error leads to a few more attempts, then to a dead letter
 */
export type MessageHandler = (message: InboundMessage) => Promise<'handled' | 'skipped'>;

/** Delivers the messages of other services, at least once. */
export interface IEventConsumer {
  /** Starts delivery in the background, until the application stops. Call it once. */
  start(handle: MessageHandler): void;
}

export const EVENT_CONSUMER = Symbol('IEventConsumer');
