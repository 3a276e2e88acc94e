import { Inject, Injectable } from '@nestjs/common';
import {
  ACTIVE_SPANS_REPOSITORY,
  type IActiveSpansRepository,
} from '../../domain/repositories/active-spans.repository.interface.js';
import type { DaySpan } from '../../domain/value-objects/active-span.vo.js';
import { isFinal } from '../../shared/rules/final-hour.rule.js';
import { formatToDateKey, type DateKey } from '../../shared/utils/timezone.util.js';
import { CLOCK, type IClock } from '../ports/clock.port.js';

/** Tells a request which of its days are over and which are final. */
export interface Settlement {
  readonly today: DateKey;
  /** True for figures up to this day that no event of a device and no rollup will change. */
  isFinal(lastDay: DateKey): boolean;
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

  /** Call it before the figures are counted: a day that is settled later is not called final too early. */
  async read(): Promise<Settlement> {
    const now = this.clock.now();
    const unsettled = await this.spans.findFirstUnsettledDay();
    return {
      today: formatToDateKey(now),
      isFinal: (lastDay) => isFinal(lastDay, now) && (unsettled === null || lastDay < unsettled),
    };
  }
}
