import type { ClientStorage } from '../ports/client-storage.js';

/** Keeps nothing across restarts; for tests, and for pages whose storage is blocked. */
export class MemoryStorage implements ClientStorage {
  constructor(private readonly records = new Map<string, string>()) {}

  async load(): Promise<ReadonlyMap<string, string>> {
    return new Map(this.records);
  }

  async save(key: string, text: string): Promise<void> {
    this.records.set(key, text);
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.records.delete(key);
  }
}
