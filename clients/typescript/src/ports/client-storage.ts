/**
 * Keeps texts by key across restarts. Keys are ASCII letters, digits, `-` and `/`. Several calls may be in flight.
 * A crash keeps every text whose `save` has resolved, and no torn one.
 */
export interface ClientStorage {
  /** Returns every text; called once, before any other method. */
  load(): Promise<ReadonlyMap<string, string>>;
  /** Resolves when the text is durable; rejects when it is not, for instance without free space. */
  save(key: string, text: string): Promise<void>;
  remove(keys: readonly string[]): Promise<void>;
}
