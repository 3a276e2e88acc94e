import type { Clock, StartTimer } from './clock.js';
import type { ClientStorage } from './client-storage.js';
import type { Compress, Fetch } from './http.js';

/** Everything that the client takes from the device it runs on. */
export interface Platform {
  readonly clock: Clock;
  readonly startTimer: StartTimer;
  /** Returns a number from 0 (included) to 1 (excluded). */
  readonly random: () => number;
  /** Returns a random UUID. */
  readonly newId: () => string;
  readonly fetch: Fetch;
  /** null when the device has no gzip; bodies are sent plain then. */
  readonly compress: Compress | null;
  readonly storage: ClientStorage;
}
