import { describe, expect, it } from '@jest/globals';
import { toDays } from '../../../src/cli/support/days.js';
import { UsageError } from '../../../src/cli/support/usage-error.js';

const TODAY = '2025-06-15';

function messageOf(days: readonly string[]): string {
  try {
    toDays(days, TODAY);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error('accepted');
}

describe('toDays', () => {
  it('lists one day, and a span with both its ends, up to today', () => {
    expect(toDays(['2025-06-14'], TODAY)).toEqual(['2025-06-14']);
    expect(toDays(['2025-06-13', TODAY], TODAY)).toEqual(['2025-06-13', '2025-06-14', TODAY]);
    expect(toDays(['2015-06-10', TODAY], TODAY)).toHaveLength(3659);
  });

  it.each([
    [['2025-02-30'], 'FIRST-DAY must be a day as YYYY-MM-DD, not "2025-02-30"'],
    [['2025-06-15', '2025-06-16'], /^LAST-DAY must not be in the future/],
    [['2025-06-15', '2025-06-14'], 'LAST-DAY 2025-06-14 is earlier than FIRST-DAY 2025-06-15: swap them'],
    [['1025-06-15', '2025-06-15'], /are 365244 days, at most 3660 are allowed: split the span$/],
  ] as const)('refuses %j', (days, message) => {
    expect(messageOf(days)).toMatch(message);
  });
});
