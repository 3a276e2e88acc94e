import type { ClientStorage } from '../ports/client-storage.js';

/** Store of texts by key: AsyncStorage of React Native is one, IndexedDB and MMKV fit with a few lines. */
export interface KeyValueStore {
  getAllKeys(): Promise<readonly string[]>;
  getItem(key: string): Promise<string | null>;
  setItem(key: string, value: string): Promise<void>;
  removeItem(key: string): Promise<void>;
}

/** The part of `localStorage` that is needed. */
export interface WebStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Keeps each text under a key of its own, so that a crash tears none. */
export class KeyValueStorage implements ClientStorage {
  constructor(
    private readonly store: KeyValueStore,
    private readonly prefix = 'analytics/',
  ) {}

  async load(): Promise<ReadonlyMap<string, string>> {
    const keys = await this.store.getAllKeys();
    const records = new Map<string, string>();
    for (const key of keys.filter((each) => each.startsWith(this.prefix))) {
      const text = await this.store.getItem(key);
      if (text !== null) records.set(key.slice(this.prefix.length), text);
    }
    return records;
  }

  async save(key: string, text: string): Promise<void> {
    await this.store.setItem(`${this.prefix}${key}`, text);
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.store.removeItem(`${this.prefix}${key}`);
  }
}

/** Makes `localStorage` a {@link KeyValueStore}. */
export function fromWebStorage(storage: WebStorage): KeyValueStore {
  return {
    getAllKeys: async () =>
      Array.from({ length: storage.length }, (_, index) => storage.key(index)).filter((key) => key !== null),
    getItem: async (key) => storage.getItem(key),
    setItem: async (key, value) => storage.setItem(key, value),
    removeItem: async (key) => storage.removeItem(key),
  };
}
