import { Worker } from 'node:worker_threads';

import { waitFor } from './processes.js';

/** Bounds the wait for a recovery, so that a late one is reported with its time. */
export const RECOVERY_MS = 30_000;

const PROMISED_MS = 10_000;
/** Bounds what is forgiven, so that a broken promise shows on a busy machine as well. */
const MAX_FORGIVEN_MS = 5000;
const LATENESS = new URL('lateness.mjs', import.meta.url);

/** Tells how late the timers of an idle thread are. */
export interface Lateness {
  readonly lateMs: () => number;
  readonly stop: () => void;
}

export interface RecoveryOptions {
  readonly promisedMs?: number;
  readonly maxForgivenMs?: number;
  readonly nowMs?: () => number;
  readonly lateness?: Lateness;
}

function watchIdleThread(): Lateness {
  const lateMs = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(LATENESS, { workerData: lateMs.buffer });
  thread.unref();
  return { lateMs: () => Atomics.load(lateMs, 0), stop: () => void thread.terminate() };
}

/**
 * Measures a recovery against the ten seconds that are promised. Forgives, up to a bound, the time until a plain client
 * has written, and the lateness of an idle thread: a busy event loop is the fault of the code under test.
 */
export class RecoveryWatch {
  private readonly startMs: number;
  private recoveredMs: number | null = null;
  private readonly plainMs: Promise<number>;
  private readonly options: Required<RecoveryOptions>;

  /** @param writePlainly resolves when a client without the code under test has written */
  constructor(writePlainly: () => Promise<unknown> = () => Promise.resolve(), options: RecoveryOptions = {}) {
    const nowMs = options.nowMs ?? ((): number => performance.now());
    this.options = {
      promisedMs: PROMISED_MS,
      maxForgivenMs: MAX_FORGIVEN_MS,
      lateness: options.lateness ?? watchIdleThread(),
      ...options,
      nowMs,
    };
    this.startMs = nowMs();
    this.plainMs = writePlainly().then(() => nowMs() - this.startMs);
    this.plainMs.catch(() => undefined);
  }

  /** @returns by how many milliseconds the recovery that ends at this moment breaks the promise; 0 when it keeps it */
  async end(): Promise<number> {
    const { promisedMs, maxForgivenMs, lateness } = this.options;
    const recoveredMs = this.stop();
    const forgivenMs = Math.min(maxForgivenMs, (await this.plainMs) + lateness.lateMs());
    return Math.max(0, recoveredMs - forgivenMs - promisedMs);
  }

  /** Ends the measurement, also of a wait that has failed. @returns its milliseconds */
  stop(): number {
    if (this.recoveredMs === null) {
      this.recoveredMs = this.options.nowMs() - this.startMs;
      this.options.lateness.stop();
    }
    return this.recoveredMs;
  }
}

/**
 * Waits until the service is back after a fault that is healed at this moment.
 *
 * @throws when that takes longer than the ten seconds that are promised
 */
export async function waitForRecovery<T>(
  condition: () => T | Promise<T>,
  options: { readonly what?: string; readonly intervalMs?: number } = {},
): Promise<NonNullable<T>> {
  const watch = new RecoveryWatch();
  const answer = await waitFor(condition, RECOVERY_MS, options).finally(() => watch.stop());
  const lateMs = await watch.end();
  if (lateMs > 0)
    throw new Error(
      `Back ${Math.ceil(lateMs)} ms after the promised time: ${options.what ?? String(condition)}`,
    );
  return answer;
}
