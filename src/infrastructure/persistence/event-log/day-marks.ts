import type { IClock } from '../../../application/ports/clock.port.js';
import { finalFrom } from '../../../shared/rules/final-hour.rule.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';

/** Covers flushes that start before a day is final and commit after its final count. */
const FINAL_MARGIN_MS = 5 * 60 * 1000;

/** Decides which days a flush marks for recalculation when they gain actives; see docs/adr/0004. */
export class DayMarks {
  private readonly markedDays = new Set<DateKey>();

  constructor(private readonly clock: IClock) {}

  /** Returns every final day, and each provisional day that this process has not marked yet. */
  select(days: ReadonlySet<DateKey>): DateKey[] {
    const nowWithMargin = this.clock.now().getTime() + FINAL_MARGIN_MS;
    return [...days].filter((day) => !this.markedDays.has(day) || nowWithMargin >= finalFrom(day).getTime());
  }

  /** Remembers the days that a committed flush has marked. */
  remember(days: readonly DateKey[]): void {
    for (const day of days) this.markedDays.add(day);
  }
}
