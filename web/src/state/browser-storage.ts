type KeyedStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/**
 * Keeps values in the browser, or in the memory of the page where the browser forbids it or has no room: a page whose
 * storage is blocked works until it is closed.
 */
export class BrowserStorage implements KeyedStorage {
  private readonly memory = new Map<string, string>();

  /** @param find returns the storage; even to name it throws where it is blocked */
  constructor(private readonly find: () => KeyedStorage) {}

  getItem(key: string): string | null {
    return this.memory.get(key) ?? this.attempt((storage) => storage.getItem(key)) ?? null;
  }

  setItem(key: string, value: string): void {
    this.memory.set(key, value);
    this.attempt((storage) => {
      storage.setItem(key, value);
      this.memory.delete(key);
    });
  }

  removeItem(key: string): void {
    this.memory.delete(key);
    this.attempt((storage) => {
      storage.removeItem(key);
    });
  }

  private attempt<T>(use: (storage: KeyedStorage) => T): T | null {
    try {
      return use(this.find());
    } catch {
      return null;
    }
  }
}
