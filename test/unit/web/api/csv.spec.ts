import { describe, expect, it } from '@jest/globals';
import { csvFileName } from '../../../../web/src/api/csv.js';

describe('the name of a CSV file', () => {
  it('tells the figure, its days and its province', () => {
    const limits = { startDate: '2025-01-01', endDate: '2025-01-31', province: '广东省' };
    expect(csvFileName('analytics-dau', limits)).toBe('analytics-dau_2025-01-01_2025-01-31_广东省.csv');
  });

  it('leaves out what does not limit the figure', () => {
    expect(csvFileName('analytics-dau', { startDate: '2025-01-01', province: null })).toBe(
      'analytics-dau_2025-01-01.csv',
    );
  });

  it('has no character that a file system refuses', () => {
    expect(csvFileName('a/b', { province: 'c:d e' })).toBe('a-b_c-d-e.csv');
  });
});
