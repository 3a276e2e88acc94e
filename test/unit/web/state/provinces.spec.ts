import { describe, expect, it } from '@jest/globals';
import { PROVINCE_NAMES } from '../../../../src/domain/value-objects/province-names.js';
import { provinceLabel, PROVINCES } from '../../../../web/src/state/provinces.js';

describe('provinces of the page', () => {
  it('are the 34 of the service, by their official names', () => {
    expect(PROVINCES.map(({ name }) => name)).toEqual(PROVINCE_NAMES);
    expect(PROVINCES.every(({ name, short }) => name.startsWith(short.zh))).toBe(true);
  });

  it('have a short name in both languages; other names stay', () => {
    expect(provinceLabel('内蒙古自治区', 'en')).toBe('Inner Mongolia');
    expect(provinceLabel('广东省', 'zh')).toBe('广东');
    expect(provinceLabel('Atlantis', 'zh')).toBe('Atlantis');
  });
});
