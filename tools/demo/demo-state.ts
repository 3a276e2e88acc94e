import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
