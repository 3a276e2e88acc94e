import { describe, expect, it } from '@jest/globals';
import {
  ACTIVE_LEVEL,
  toActiveCount,
} from '../../../../../src/infrastructure/persistence/mappers/active-count.mapper.js';
import { activeCount } from '../../../../support/builders.js';

describe('toActiveCount', () => {
  it('trap 2: assigns counts by their level, so that no place replaces the grand total', () => {
    const rows = [
      { level: ACTIVE_LEVEL.total, place: '', n: 5 },
      { level: ACTIVE_LEVEL.city, place: '吉林', n: 1 },
      { level: ACTIVE_LEVEL.province, place: '吉林', n: 2 },
      { level: ACTIVE_LEVEL.province, place: '广东', n: 3 },
    ];
    expect(toActiveCount(rows)).toEqual(activeCount(5, { 吉林: 2, 广东: 3 }, { 吉林: 1 }));
  });

  it('returns zero for no rows', () => {
    expect(toActiveCount([])).toEqual(activeCount(0));
  });
});
