import { Worker } from 'node:worker_threads';

import { waitFor } from './processes.js';

/** Bounds the wait for a recovery, so that a late one is reported with its time. */
export const RECOVERY_MS = 30_000;

const PROMISED_MS = 10_000;
/** Bounds what is forgiven, so that a broken promise shows on a busy machine as well. */
const MAX_FORGIVEN_MS = 5000;
const LATENESS = new URL('lateness.mjs', import.meta.url);

export interface RecoveryLimits {
  readonly promisedMs?: number;
  readonly maxForgivenMs?: number;
}

/**
 * Measures a recovery against the ten seconds that are promised. Forgives, up to a bound, the time until a plain client
 * has written, and the lateness of an idle thread: a busy event loop is the fault of the code under test.
 */
export class RecoveryWatch {
  private readonly startMs = performance.now();
  private readonly lateMs = new Int32Array(new SharedArrayBuffer(4));
  private readonly thread = new Worker(LATENESS, { workerData: this.lateMs.buffer });
  private recoveredMs = 0;
  private readonly plainMs: Promise<number>;
  private readonly promisedMs: number;
  private readonly maxForgivenMs: number;

  /** @param writePlainly resolves when a client without the code under test has written */
  constructor(
    writePlainly: () => Promise<unknown> = () => Promise.resolve(),
    { promisedMs = PROMISED_MS, maxForgivenMs = MAX_FORGIVEN_MS }: RecoveryLimits = {},
  ) {
    this.promisedMs = promisedMs;
    this.maxForgivenMs = maxForgivenMs;
    this.thread.unref();
    this.plainMs = writePlainly().then(() => performance.now() - this.startMs);
    this.plainMs.catch(() => undefined);
  }

  /** @returns by how many milliseconds the recovery that ends at this moment breaks the promise; 0 when it keeps it */
  async end(): Promise<number> {
    this.stop();
    const forgivenMs = Math.min(this.maxForgivenMs, (await this.plainMs) + Atomics.load(this.lateMs, 0));
    return Math.max(0, this.recoveredMs - forgivenMs - this.promisedMs);
  }

  /** Ends the measurement, also of a wait that has failed. */
  stop(): void {
    if (this.recoveredMs > 0) return;
    this.recoveredMs = performance.now() - this.startMs;
    void this.thread.terminate();
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
