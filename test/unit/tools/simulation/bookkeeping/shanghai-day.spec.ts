import { describe, expect, it } from '@jest/globals';
import { shanghaiDay } from '../../../../../tools/simulation/bookkeeping/shanghai-day.js';

describe('shanghaiDay', () => {
  it('starts a day at 16:00 UTC', () => {
    expect(shanghaiDay(Date.parse('2025-03-09T15:59:59.999Z'))).toBe('2025-03-09');
    expect(shanghaiDay(Date.parse('2025-03-09T16:00:00.000Z'))).toBe('2025-03-10');
  });
});
