import { describe, expect, it } from '@jest/globals';

import { windowAcrossWeeks, windowOfWholeWeeks } from '../../../bench/support/windows.js';
import { divideSpan } from '../../../src/infrastructure/persistence/actives/span-pieces.js';
import { addDaysToKey } from '../../../src/shared/utils/timezone.util.js';

const everyWeek = { has: (day: string): boolean => new Date(day).getUTCDay() === 1 };

describe('the windows of the bench', () => {
  it.each(Array.from({ length: 7 }, (_, n) => addDaysToKey('2025-06-01', n)))(
    'are the worse and the better case for the weeks on %s as on every day',
    (day) => {
      const across = windowAcrossWeeks(day);
      const [worse, better] = [across, windowOfWholeWeeks(across)].map((window) =>
        divideSpan(window, everyWeek),
      );
      expect(worse?.filter(({ isWeek }) => isWeek)).toHaveLength(3);
      expect(worse?.filter(({ isWeek }) => !isWeek)).toHaveLength(7);
      expect(better?.map(({ isWeek }) => isWeek)).toEqual([true, true, true, true]);
      expect(across.last <= day && day <= addDaysToKey(across.last, 6)).toBe(true);
    },
  );
});
