import type { AnalyticsClient } from '../analytics-client.js';
import type { ClientStorage } from '../ports/client-storage.js';
import { STANDARD_PORTS } from './standard-ports.js';
import type { Platform } from '../ports/platform.js';
import { fromWebStorage, KeyValueStorage } from '../storage/key-value-storage.js';
import { MemoryStorage } from '../storage/memory-storage.js';
import { streamCompression } from './gzip-stream.js';

/** Returns what browsers and React Native have in common; React Native passes its AsyncStorage. */
export function browserPlatform(overrides: Partial<Platform> = {}): Platform {
  return {
    ...STANDARD_PORTS,
    newId: () => crypto.randomUUID(),
    compress: streamCompression(),
    ...overrides,
    storage: overrides.storage ?? openLocalStorage(),
  };
}

/** Tells the client about foreground and network. Returns a function that ends it. */
export function watchPage(client: AnalyticsClient, page: Window): () => void {
  const { document } = page;
  const showOrHide = (): void => {
    if (document.visibilityState === 'visible') client.enterForeground();
    else void client.enterBackground();
  };
  const leave = (): void => void client.enterBackground();
  const retry = (): void => client.networkIsBack();
  document.addEventListener('visibilitychange', showOrHide);
  page.addEventListener('pagehide', leave);
  page.addEventListener('online', retry);
  showOrHide();
  return () => {
    document.removeEventListener('visibilitychange', showOrHide);
    page.removeEventListener('pagehide', leave);
    page.removeEventListener('online', retry);
  };
}

/** A browser that blocks storage throws at the first touch. */
function openLocalStorage(): ClientStorage {
  try {
    return new KeyValueStorage(fromWebStorage(localStorage));
  } catch {
    return new MemoryStorage();
  }
}
