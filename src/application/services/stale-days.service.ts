import { Inject, Injectable } from '@nestjs/common';
import { LIVE_DAYS } from '../../shared/rules/retention.rule.js';
import { addDaysToKey, dayRange, formatToDateKey, type DateKey } from '../../shared/utils/timezone.util.js';
import { CLOCK, type IClock } from '../ports/clock.port.js';

/** The days whose live figure this process knows to be incomplete. */
@Injectable()
export class StaleDays {
  private readonly stale = new Set<DateKey>();

  constructor(@Inject(CLOCK) private readonly clock: IClock) {}

  /** Returns the days that have a live figure, today first. */
  liveDays(): DateKey[] {
    const today = this.today();
    return Array.from({ length: LIVE_DAYS }, (_, back) => addDaysToKey(today, -back));
  }

  today(): DateKey {
    return formatToDateKey(this.clock.now());
  }

  msUntilTomorrow(): number {
    return dayRange(this.today()).end.getTime() - this.clock.now().getTime();
  }

  isLive(day: DateKey): boolean {
    return day >= addDaysToKey(this.today(), 1 - LIVE_DAYS);
  }

  has(day: DateKey): boolean {
    return this.stale.has(day);
  }

  /** @returns false when the day was known already or has no live figure */
  add(day: DateKey): boolean {
    if (!this.isLive(day) || this.stale.has(day)) return false;
    this.stale.add(day);
    return true;
  }

  delete(day: DateKey): void {
    this.stale.delete(day);
  }

  /** Returns the stale days, the latest first. */
  list(): DateKey[] {
    return [...this.stale].sort().reverse();
  }
}
