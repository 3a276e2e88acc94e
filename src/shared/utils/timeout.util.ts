/** Runs the callback after the delay, and returns a function that cancels it. */
export type StartTimer = (callback: () => void, delayMs: number) => () => void;

/** Says that work took longer than it may. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
}

/**
 * Waits for work up to a bound. Abandoned work goes on, and its later failure is ignored.
 *
 * @returns false when the time was up first
 * @throws the error of the work, when it fails in time
 */
export async function endsWithin(work: PromiseLike<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => {
      resolve(false);
    }, timeoutMs);
  });
  try {
    return await Promise.race([Promise.resolve(work).then(() => true), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Settles as the work does, in time. Abandoned work goes on, and its later failure is ignored.
 *
 * @throws TimeLimitError when the time was up first
 */
export function settleWithin<T>(
  work: PromiseLike<T>,
  timeoutMs: number,
  startTimer: StartTimer = startIoTimer,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = startTimer(() => {
      reject(new TimeLimitError(`No answer within ${timeoutMs} ms`));
    }, timeoutMs);
    work.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the error of the work, unchanged
        reject(error);
      },
    );
  });
}

/** Calls back after one more turn of I/O: on a busy event loop an answer may have arrived and wait to be read. */
export function startIoTimer(callback: () => void, delayMs: number): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    immediate = setImmediate(callback);
  }, delayMs);
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}
