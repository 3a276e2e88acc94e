import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { daysOf, divideSpan } from '../../../../../src/infrastructure/persistence/actives/span-pieces.js';
import { addDaysToKey, countDays, listDays } from '../../../../../src/shared/utils/timezone.util.js';

const MONDAY = '2025-06-02';
const week = (n: number): string => addDaysToKey(MONDAY, 7 * n);

describe('the pieces of a span', () => {
  it('are its weeks where these are united, and days around them', () => {
    const span = { first: addDaysToKey(MONDAY, -2), last: addDaysToKey(MONDAY, 15) };
    expect(divideSpan(span, new Set([week(0), week(1), week(2)]))).toEqual([
      { day: '2025-05-31', isWeek: false },
      { day: '2025-06-01', isWeek: false },
      { day: '2025-06-02', isWeek: true },
      { day: '2025-06-09', isWeek: true },
      { day: '2025-06-16', isWeek: false },
      { day: '2025-06-17', isWeek: false },
    ]);
  });

  it('are days alone to the end of the calendar when no week is united', () => {
    const pieces = divideSpan({ first: '9999-12-30', last: '9999-12-31' }, new Set());
    expect(pieces.map(({ day }) => day)).toEqual(['9999-12-30', '9999-12-31']);
  });

  it('have every day of the span once, whatever weeks are united', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -10, max: 30 }),
        fc.nat(60),
        fc.uniqueArray(fc.integer({ min: -1, max: 12 })),
        (start, length, united) => {
          const span = { first: addDaysToKey(MONDAY, start), last: addDaysToKey(MONDAY, start + length) };
          const pieces = divideSpan(span, new Set(united.map(week)));
          const days = pieces.flatMap(({ day, isWeek }) => listDays(day, addDaysToKey(day, isWeek ? 6 : 0)));
          expect(days).toEqual(listDays(span.first, span.last));
          expect(daysOf(pieces)).toBe(countDays(span.first, span.last));
        },
      ),
    );
  });
});
