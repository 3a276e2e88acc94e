import { describe, expect, it } from '@jest/globals';
import { listIntervals } from '../../../../src/shared/rules/active-interval.rule.js';
import { addDaysToKey } from '../../../../src/shared/utils/timezone.util.js';

const textOf = (...range: Parameters<typeof listIntervals>): string[] =>
  listIntervals(...range).map(({ first, last }) => `${first}/${last}`);

describe('intervals', () => {
  it('of weeks start on Monday and are whole, across the end of a year', () => {
    expect(textOf('2024-12-29', '2025-01-06', 'week')).toEqual([
      '2024-12-23/2024-12-29',
      '2024-12-30/2025-01-05',
      '2025-01-06/2025-01-12',
    ]);
  });

  it.each(['1969-12-29', '1970-01-05', '2018-11-05', '2099-12-28'])(
    'of weeks begin with %s, a Monday',
    (monday) => {
      for (let n = 0; n < 7; n++) {
        const day = addDaysToKey(monday, n);
        expect(textOf(day, day, 'week')).toEqual([`${monday}/${addDaysToKey(monday, 6)}`]);
      }
    },
  );

  it('of months are the calendar’s, leap days included', () => {
    expect(textOf('2024-01-31', '2024-03-01', 'month')).toEqual([
      '2024-01-01/2024-01-31',
      '2024-02-01/2024-02-29',
      '2024-03-01/2024-03-31',
    ]);
    expect(textOf('2025-12-31', '2025-12-31', 'month')).toEqual(['2025-12-01/2025-12-31']);
  });

  it('of days are the days, and a span is the range itself', () => {
    expect(textOf('2025-02-28', '2025-03-01', 'day')).toEqual([
      '2025-02-28/2025-02-28',
      '2025-03-01/2025-03-01',
    ]);
    expect(textOf('2025-02-26', '2025-03-01', 'span')).toEqual(['2025-02-26/2025-03-01']);
  });
});
