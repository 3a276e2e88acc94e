import { Inject, Injectable } from '@nestjs/common';
import {
  ACTIVE_SPANS_REPOSITORY,
  type IActiveSpansRepository,
} from '../../domain/repositories/active-spans.repository.interface.js';
import type { DaySpan } from '../../domain/value-objects/active-span.vo.js';
import { lastFinalDay } from '../../shared/rules/final-hour.rule.js';
import { addDaysToKey, formatToDateKey, type DateKey } from '../../shared/utils/timezone.util.js';
import { CLOCK, type IClock } from '../ports/clock.port.js';

/** State of all figures of an answer. */
export interface FiguresState {
  /** The last day of the answer up to which no event of a device and no rollup changes a figure; it may lie before all. */
  readonly finalThrough: DateKey;
  /** Instant of the last count of a day that the figures are made of; null before the first one. */
  readonly calculatedAt: Date | null;
}

/** Tells a request which of its days are over and which are final. */
export interface Settlement {
  readonly today: DateKey;
  /** True for figures up to this day that no event of a device and no rollup will change. */
  isFinal(lastDay: DateKey): boolean;
  readonly state: FiguresState;
}

/** Returns the part of the range that has begun; null for a range in the future. */
export function cutAtToday(startDate: DateKey, endDate: DateKey, today: DateKey): DaySpan | null {
  return startDate > today ? null : { first: startDate, last: endDate < today ? endDate : today };
}

/**
 * Decides whether figures are final. Who is new depends on every earlier day, so a figure is final when the days up to
 * its last one are: one rule for all figures.
 */
@Injectable()
export class SettledDays {
  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(ACTIVE_SPANS_REPOSITORY) private readonly spans: IActiveSpansRepository,
  ) {}

  /**
   * Call it before the figures are counted: a day that is settled later is not called final too early.
   *
   * @param lastDay last day of the answer; the state leaves out what happened to later days
   */
  async read(lastDay: DateKey): Promise<Settlement> {
    const now = this.clock.now();
    const { firstUnsettledDay, lastBuiltAt } = await this.spans.readBuilds(lastDay);
    const lastOver = lastFinalDay(now);
    const edge =
      firstUnsettledDay === null ? lastOver : earlier(addDaysToKey(firstUnsettledDay, -1), lastOver);
    return {
      today: formatToDateKey(now),
      isFinal: (day) => day <= edge,
      state: { finalThrough: earlier(edge, lastDay), calculatedAt: lastBuiltAt },
    };
  }
}

function earlier(a: DateKey, b: DateKey): DateKey {
  return a < b ? a : b;
}
