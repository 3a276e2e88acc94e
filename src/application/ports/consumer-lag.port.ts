/** Asks the broker how far behind the consumers of identity messages are, all replicas together. */
export interface IConsumerLag {
  /**
   * @returns number of messages that no replica has committed yet; 0 where no broker is configured
   * @throws Error when the broker does not tell
   */
  countMessages(): Promise<number>;
}

export const CONSUMER_LAG = Symbol('IConsumerLag');
