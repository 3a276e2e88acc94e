import { noteSkipped } from './skipped.mjs';

/** Ends a check with a message for the person who ran it. */
export class CheckFailedError extends Error {
  override readonly name = 'CheckFailedError';
}

/**
 * Runs one step of a check and prints its name, outcome and duration on one line.
 *
 * @param describe returns the outcome to print; without it only the name and the duration are printed
 * @returns the result of `run`
 * @throws the error of `run`
 */
export async function runStep<Result>(
  name: string,
  run: () => Result | Promise<Result>,
  describe?: (result: Result) => string,
): Promise<Result> {
  const startedMs = performance.now();
  const duration = (): string => `(${((performance.now() - startedMs) / 1000).toFixed(1)} s)`;
  try {
    const result = await run();
    const outcome = describe === undefined ? '' : `: ${describe(result)}`;
    console.log(`ok      ${name}${outcome} ${duration()}`);
    return result;
  } catch (error) {
    console.log(`FAILED  ${name} ${duration()}`);
    throw error;
  }
}

/** Prints and notes that one step of a check is left out, and why. The check passes nevertheless. */
export function skipStep(name: string, reason: string): void {
  console.log(`skipped ${name}: ${reason}`);
  noteSkipped(`${name} (${reason})`);
}

/** Runs a whole check. An error is printed and makes the exit code 1; a failed check prints its message only. */
export async function runCheck(check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    console.error(error instanceof CheckFailedError ? error.message : error);
    process.exitCode = 1;
  }
}
