/** A server whose clock all replicas share. */
export interface TimeSource {
  /** Names the server in the log. */
  readonly name: string;

  /** Returns the server's Unix milliseconds. Rejects when it does not answer. */
  readMs(): Promise<number>;
}
