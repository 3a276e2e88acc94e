import type { DaySpan } from '../../src/domain/value-objects/active-span.vo.js';
import { listIntervals } from '../../src/shared/rules/active-interval.rule.js';
import { addDaysToKey, type DateKey } from '../../src/shared/utils/timezone.util.js';

const WINDOW_DAYS = 28;

/** 28 days that end on a Monday: three weeks and seven days, as on six days of seven. */
export function windowAcrossWeeks(notAfter: DateKey): DaySpan {
  const last = listIntervals(notAfter, notAfter, 'week')[0]?.first ?? notAfter;
  return { first: addDaysToKey(last, 1 - WINDOW_DAYS), last };
}

/** The 28 days before the last one of such a window: four whole weeks. */
export function windowOfWholeWeeks(across: DaySpan): DaySpan {
  return { first: addDaysToKey(across.first, -1), last: addDaysToKey(across.last, -1) };
}
