import { describe, expect, it } from '@jest/globals';
import { compareDays, type Day } from '../../../../tools/recorded-input/compare-days.js';

const DAYS: readonly Day[] = [
  { day: '2018-11-01', dauCount: 2, byProvince: { Ohio: 2 } },
  { day: '2018-11-02', dauCount: 1, byProvince: { Iowa: 1 } },
];

describe('compareDays', () => {
  it('accepts equal days', () => {
    expect(() => compareDays({ data: structuredClone(DAYS), total: 2 }, DAYS)).not.toThrow();
  });

  it('names the path of each different figure', () => {
    const data = [DAYS[0]!, { ...DAYS[1]!, byProvince: { Iowa: 3 } }];

    expect(() => compareDays({ data, total: 2 }, DAYS)).toThrow(
      '1 differences, of which the first 1:\n  data["2018-11-02"]["byProvince"]["Iowa"]: got 3, expected 1',
    );
  });

  it('reports a missing day, a different order and a wrong total', () => {
    expect(() => compareDays({ data: DAYS.slice(1), total: 2 }, DAYS)).toThrow(
      /data\["2018-11-01"\]: got undefined/,
    );
    expect(() => compareDays({ data: DAYS.toReversed(), total: 2 }, DAYS)).toThrow(/days\["0"\]/);
    expect(() => compareDays({ data: DAYS, total: 3 }, DAYS)).toThrow(/total: got 3, expected 2/);
  });
});
