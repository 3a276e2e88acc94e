import { describe, expect, it } from '@jest/globals';
import {
  toDailyActiveStats,
  toDateColumn,
} from '../../../../../src/infrastructure/persistence/mappers/daily-active-stats.mapper.js';
import { NOW } from '../../../../support/builders.js';

describe('toDateColumn', () => {
  it.each(['2025-01-15', '2024-02-29', '2025-03-09'])(
    'trap 1: writes %s as the same date in every time zone',
    (day) => {
      expect(toDateColumn(day).toISOString()).toBe(`${day}T00:00:00.000Z`);
    },
  );
});

describe('toDailyActiveStats', () => {
  it('restores stored figures without raising an event', () => {
    const stats = toDailyActiveStats({
      day: '2025-01-15',
      dau_count: 3,
      dau_by_province: '{"广东": 2}',
      dau_by_city: null,
      calculated_ms: BigInt(NOW.getTime()),
      version: 4,
    });
    expect(stats).toMatchObject({ day: '2025-01-15', dauCount: 3, calculatedAt: NOW, version: 4 });
    expect(Object.fromEntries(stats.dauByProvince)).toEqual({ 广东: 2 });
    expect(stats.dauByCity.size).toBe(0);
    expect(stats.getUncommittedEvents()).toEqual([]);
  });
});
