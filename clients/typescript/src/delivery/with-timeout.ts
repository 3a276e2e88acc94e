import type { StartTimer } from '../ports/clock.js';

/** Rejects when the work takes longer than the limit; the work itself goes on. */
export async function withTimeout<T>(work: Promise<T>, limitMs: number, startTimer: StartTimer): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = startTimer(() => reject(new Error(`Nothing happened within ${limitMs} ms`)), limitMs);
    work.finally(cancel).then(resolve, reject);
  });
}
