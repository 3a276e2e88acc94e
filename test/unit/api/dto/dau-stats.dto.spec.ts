import { describe, expect, it } from '@jest/globals';

import { writeDauStats } from '../../../../src/api/dto/response/dau-stats.dto.js';
import { PlaceCounts } from '../../../../src/domain/value-objects/place-counts.vo.js';

const item = (day: string, byProvince: PlaceCounts, byCity: PlaceCounts) => ({
  day,
  dauCount: 3,
  byProvince,
  byCity,
  isFinal: true,
  version: 2,
  calculatedAt: day === '2025-01-01' ? null : new Date('2025-01-02T17:00:00.001Z'),
});

describe('writeDauStats', () => {
  it.each([
    ['no day', []],
    [
      'a day without places',
      [item('2025-01-01', PlaceCounts.fromStored(null), PlaceCounts.fromMap(new Map()))],
    ],
    [
      'days with places whose names need escapes',
      [
        item('2025-01-01', PlaceCounts.fromStored('{"省": 2, "\\"\\\\": 1}'), PlaceCounts.fromStored('{}')),
        item(
          '2025-01-02',
          PlaceCounts.fromMap(new Map([['a"b\\c\n', 1]])),
          PlaceCounts.fromStored('{"__proto__": 1}'),
        ),
      ],
    ],
  ])('writes %s as JSON.stringify would', (_, data) => {
    const result = { data, total: data.length };
    expect(JSON.parse(writeDauStats(result))).toEqual(JSON.parse(JSON.stringify(result)));
  });
});
