const OFFSET_MS = 8 * 3_600_000;

/**
 * Returns the calendar day in Asia/Shanghai, `YYYY-MM-DD`; China has kept UTC+8 without summer time since 1991.
 * Written apart from the service's calendar on purpose: a check must not share the code that it checks.
 */
export function shanghaiDay(epochMs: number): string {
  return new Date(epochMs + OFFSET_MS).toISOString().slice(0, 10);
}
