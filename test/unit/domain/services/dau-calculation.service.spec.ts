import { describe, expect, it } from '@jest/globals';
import { DauCalculationService } from '../../../../src/domain/services/dau-calculation.service.js';
import { finalFrom } from '../../../../src/shared/rules/final-hour.rule.js';
import { activeCount, NOW, YESTERDAY, storedStats } from '../../../support/builders.js';
import { domainError } from '../../expectations.js';

const calculation = new DauCalculationService();

describe('DauCalculationService', () => {
  it('creates version 1 first', () => {
    const stats = calculation.calculate(YESTERDAY, activeCount(2, { 广东: 2 }), null, NOW);
    expect(stats).toMatchObject({ day: YESTERDAY, dauCount: 2, version: 1, calculatedAt: NOW });
  });

  it('raises the stored version', () => {
    const existing = storedStats({ version: 4, dauCount: 2 });
    const stats = calculation.calculate(YESTERDAY, activeCount(5), existing, NOW);
    expect(stats).toMatchObject({ day: YESTERDAY, dauCount: 5, version: 5, calculatedAt: NOW });
  });

  it('returns null for a day that never had actives', () => {
    expect(calculation.calculate(YESTERDAY, activeCount(0), null, NOW)).toBeNull();
  });

  it('keeps the stored figures of a day whose active set was removed', () => {
    const existing = storedStats({ version: 1 });
    expect(() => calculation.calculate(YESTERDAY, activeCount(0), existing, NOW)).toThrow(
      domainError('actives_missing', { kind: 'conflict' }),
    );
    expect(existing.version).toBe(1);
  });

  it('trap 11: replaces the figures and never merges them by maximum', () => {
    const existing = storedStats({
      dauCount: 10,
      dauByProvince: new Map([
        ['广东', 8],
        ['北京', 2],
      ]),
    });
    const stats = calculation.calculate(YESTERDAY, activeCount(9, { 广东: 7, 上海: 3 }), existing, NOW);
    expect(stats?.dauCount).toBe(9);
    expect(Object.fromEntries(stats?.dauByProvince ?? [])).toEqual({ 广东: 7, 上海: 3 });
  });

  it('trap 2: accepts places that add up to more than the total', () => {
    const stats = calculation.calculate(
      YESTERDAY,
      activeCount(1, { 广东: 1 }, { 深圳: 1, 广州: 1 }),
      null,
      NOW,
    );
    expect(stats?.dauCount).toBe(1);
  });

  it('trap 2: rejects a place above the total', () => {
    expect(() => calculation.calculate(YESTERDAY, activeCount(1, { 广东: 2 }), null, NOW)).toThrow(
      domainError('dau_inconsistent', { kind: 'conflict' }),
    );
  });
});

describe('finalFrom', () => {
  it.each([
    ['2025-01-14', '2025-01-15T01:00:00+08:00'],
    ['2024-02-28', '2024-02-29T01:00:00+08:00'],
    ['2024-12-31', '2025-01-01T01:00:00+08:00'],
  ])('%s is final from 01:00 of the next day in Shanghai', (day, instant) => {
    expect(finalFrom(day)).toEqual(new Date(instant));
  });
});
