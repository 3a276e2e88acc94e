import { setTimeout as delay } from 'node:timers/promises';

/** Waits for `ms`, or until `signal` aborts; the caller checks the signal afterwards. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (ms <= 0) return;
  try {
    await delay(ms, undefined, { ...(signal !== undefined && { signal }) });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}
