/**
 * Waits for work, but not for ever. Work that is not waited for any longer goes on; should it fail then, nobody hears.
 *
 * @returns false when the time was up first
 * @throws what the work throws within the time
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
