export const RANGE_DAYS = [7, 30, 90] as const;
export type RangeDays = (typeof RANGE_DAYS)[number];

/** Calendar days of Asia/Shanghai, both included. */
export interface DayRange {
  readonly days: RangeDays;
  readonly startDate: string;
  /** Today. */
  readonly endDate: string;
}

const DAY_MS = 86_400_000;
/** Asia/Shanghai has had no other offset since 1991. */
const SHANGHAI_OFFSET_MS = 8 * 3_600_000;

/** Returns the calendar day of an instant in Asia/Shanghai: `YYYY-MM-DD`. */
export function shanghaiDay(unixMs: number): string {
  return new Date(unixMs + SHANGHAI_OFFSET_MS).toISOString().slice(0, 10);
}

/** Returns the first instant of a day in Asia/Shanghai, Unix milliseconds. */
export function startOfShanghaiDay(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) - SHANGHAI_OFFSET_MS;
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

export function rangeEndingOn(today: string, days: RangeDays): DayRange {
  return { days, startDate: addDays(today, 1 - days), endDate: today };
}

/** Returns every day of the range, ascending. */
export function daysOf({ startDate, days }: DayRange): string[] {
  return Array.from({ length: days }, (_, index) => addDays(startDate, index));
}
