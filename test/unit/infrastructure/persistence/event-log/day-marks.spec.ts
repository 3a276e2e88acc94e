import { beforeEach, describe, expect, it } from '@jest/globals';
import { DayMarks } from '../../../../../src/infrastructure/persistence/event-log/day-marks.js';
import { finalFrom } from '../../../../../src/shared/rules/final-hour.rule.js';
import { earlier, later, TODAY, YESTERDAY } from '../../../../support/builders.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';

const MINUTE_MS = 60 * 1000;

describe('DayMarks', () => {
  let clock: FixedClock;
  let marks: DayMarks;

  beforeEach(() => {
    clock = new FixedClock(earlier(finalFrom(YESTERDAY), 30 * MINUTE_MS));
    marks = new DayMarks(clock);
  });

  it('selects a day that this process has not marked', () => {
    expect(marks.select(new Set([YESTERDAY, TODAY]))).toEqual([YESTERDAY, TODAY]);
  });

  it('leaves out a provisional day that a committed flush has marked', () => {
    marks.remember([YESTERDAY]);
    expect(marks.select(new Set([YESTERDAY, TODAY]))).toEqual([TODAY]);
  });

  it('selects a final day for every flush', () => {
    marks.remember([YESTERDAY]);
    clock.set(later(finalFrom(YESTERDAY), MINUTE_MS));
    expect(marks.select(new Set([YESTERDAY]))).toEqual([YESTERDAY]);
  });

  it('selects a marked day from five minutes before it is final', () => {
    marks.remember([YESTERDAY]);
    clock.set(later(earlier(finalFrom(YESTERDAY), 5 * MINUTE_MS), -1));
    expect(marks.select(new Set([YESTERDAY]))).toEqual([]);
    clock.advance(1);
    expect(marks.select(new Set([YESTERDAY]))).toEqual([YESTERDAY]);
  });
});
