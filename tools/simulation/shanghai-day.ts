/**
 * The calendar day in Asia/Shanghai, `YYYY-MM-DD`. Written apart from the service's own calendar on purpose: a
 * check must not share the code that it checks. China has kept UTC+8 without summer time since 1991.
 */
const OFFSET_MS = 8 * 3_600_000;

export const DAY_MS = 86_400_000;

export function shanghaiDay(epochMs: number): string {
  return new Date(epochMs + OFFSET_MS).toISOString().slice(0, 10);
}
