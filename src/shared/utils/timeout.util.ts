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
