/** A message that another service published. */
export interface InboundMessage {
  /** Where it was first published; the same however often it is delivered, also after it was a dead letter. */
  readonly origin: string;
  readonly key: string | null;
  readonly value: string | null;
}

/**
 * Handles one message, any number of times. Several are handled at once; each is done with only when those before it in
 * its partition are.
 *
 * @returns `skipped` when it is none of ours
 * @throws DomainException of kind `unavailable`: the message is delivered again, for as long as it takes. Of another
 *   kind: it becomes a dead letter with this code. Any other error: it is tried a few times, then becomes one.
 */
export type MessageHandler = (message: InboundMessage) => Promise<'handled' | 'skipped'>;

/** Delivers what other services publish, at least once. */
export interface IEventConsumer {
  /** Returns at once; delivery begins when the other side is there, and ends with the application. Called once. */
  start(handle: MessageHandler): void;
}

export const EVENT_CONSUMER = Symbol('IEventConsumer');
