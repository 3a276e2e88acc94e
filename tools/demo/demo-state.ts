import { existsSync, lstatSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UsageError } from '../../src/cli/support/usage-error.js';
import { addDaysToKey, formatToDateKey, startOfDayInTimezone } from '../../src/shared/utils/timezone.util.js';

/** Says what an earlier demo stored, so that the next one goes on from there. */
export interface DemoState {
  /** First day of the history. */
  readonly firstDay: string;
  /** Unix milliseconds up to which the history is stored. */
  readonly untilMs: number;
}

const FILE = 'state.json';

export function readState(directory: string, nowMs: number, days: number): DemoState {
  const path = join(directory, FILE);
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as DemoState;
  const firstDay = addDaysToKey(formatToDateKey(new Date(nowMs)), 1 - days);
  return { firstDay, untilMs: startOfDayInTimezone(firstDay).getTime() };
}

export function writeState(directory: string, state: DemoState): void {
  writeFileSync(join(directory, FILE), JSON.stringify(state));
}

/**
 * Deletes what an earlier demo stored.
 *
 * @throws UsageError while its database runs
 */
export function removeDemoData(directory: string, dataDirectory: string): void {
  if (existsSync(join(dataDirectory, 'postmaster.pid')))
    throw new UsageError(
      `The database in ${dataDirectory} must not run while it is deleted, and it has a postmaster.pid: ` +
        'stop the other demo first, or run npm run demo without --fresh and stop it',
    );
  // The data of root lie elsewhere, in a directory of their own that a link names.
  const isLink = lstatSync(dataDirectory, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  if (isLink && existsSync(dataDirectory)) rmSync(dirname(realpathSync(dataDirectory)), { recursive: true });
  rmSync(directory, { recursive: true, force: true });
}
