import { describe, expect, it } from '@jest/globals';
import { PROVINCES as REPORTED } from '../../../../tools/simulation/planning/places.js';
import { CITIES_BY_PROVINCE } from '../../../../web/src/panels/provinces/city-names.js';
import {
  cityLabel,
  provinceBeside,
  provinceOfCity,
} from '../../../../web/src/panels/provinces/city-places.js';
import {
  citiesIn,
  isCityRecord,
  isProvinceRecord,
  provincesWithoutUsers,
  rankPlaces,
  rankProvinces,
} from '../../../../web/src/panels/provinces/places-model.js';

describe('ranked places', () => {
  it('are ordered by count, equal ones by name', () => {
    expect(rankPlaces({ b: 2, a: 2, c: 9 }).map(({ name }) => name)).toEqual(['c', 'a', 'b']);
  });

  it('contain all provinces, also those without a user, and keep names that are none apart', () => {
    const { provinces, others } = rankProvinces({ 广东省: 5, California: 7, 北京市: 6 });
    expect(provinces).toHaveLength(34);
    expect(provinces.slice(0, 3)).toEqual([
      { name: '北京市', count: 6 },
      { name: '广东省', count: 5 },
      expect.objectContaining({ count: 0 }),
    ]);
    expect(others).toEqual([{ name: 'California', count: 7 }]);
  });

  it('take the strongest shade from the provinces alone', () => {
    expect(rankProvinces({ 广东省: 5, California: 700, 北京市: 6 }).max).toBe(6);
    expect(rankProvinces({ California: 700 }).max).toBe(0);
  });

  it('give a province its cities, and tell how many names have no province', () => {
    const ranked = rankPlaces({ 深圳市: 4, 广州市: 5, 长沙市: 9, Springfield: 3 });
    expect(citiesIn('广东省', ranked)).toEqual({
      cities: [
        { name: '广州市', count: 5 },
        { name: '深圳市', count: 4 },
      ],
      unplaced: 1,
    });
  });
});

describe('the records of the CSV of cities', () => {
  const counts = { 深圳市: 4, 广州市: 5, 长沙市: 9, Springfield: 3 };
  const records = [
    { level: 'total', place: '', activeCount: '20' },
    ...Object.entries(counts).map(([place, count]) => ({ level: 'city', place, activeCount: String(count) })),
  ];

  it.each(['广东省', '湖南省', '西藏自治区', null])('are the rows of the table: %s', (province) => {
    const ranked = rankPlaces(counts);
    const rows = province === null ? ranked : citiesIn(province, ranked).cities;
    const kept = records.filter((record) => isCityRecord(record, province));
    expect(Object.fromEntries(kept.map(({ place, activeCount }) => [place, Number(activeCount)]))).toEqual(
      Object.fromEntries(rows.map(({ name, count }) => [name, count])),
    );
  });
});

describe('the records of the CSV of provinces', () => {
  it('are the rows of the table: every province, also those without a user, and the other names', () => {
    const counts = { 广东省: 5, California: 7, 北京市: 6 };
    const records = [
      ...[['total', '', '16', '3', '13'] as const],
      ...Object.entries(counts).map(([place, count]) => ['province', place, String(count), '', ''] as const),
    ].map(([level, place, activeCount, newCount, returningCount]) => ({
      ...{ startDate: '2025-01-01', level, place, activeCount, newCount, returningCount },
    }));
    const shown = [...records.filter(isProvinceRecord), ...provincesWithoutUsers(records)];
    const { provinces, others } = rankProvinces(counts);
    expect(
      Object.fromEntries(shown.map(({ place = '', activeCount }) => [place, Number(activeCount)])),
    ).toEqual(Object.fromEntries([...provinces, ...others].map(({ name, count }) => [name, count])));
    expect(shown).toHaveLength(35);
    expect(shown.at(-1)).toMatchObject({ startDate: '2025-01-01', level: 'province', newCount: '' });
  });

  it('are none where the answer has none', () => {
    expect(provincesWithoutUsers([])).toEqual([]);
  });
});

describe('cities of the page', () => {
  const entries = Object.entries(CITIES_BY_PROVINCE).flatMap(([iso, list]) =>
    list.split(', ').map((entry) => ({ iso, entry, name: entry.split('=')[0] ?? '' })),
  );

  it('stand once each, with a name in both languages', () => {
    expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
    expect(entries.filter(({ entry }) => !/^[\u4e00-\u9fff]{2,}=[A-ZÜ][A-Za-zÀ-ÿ’ ]+$/u.test(entry))).toEqual(
      [],
    );
  });

  it('lie in the province with which clients report them', () => {
    const reported = REPORTED.flatMap((province) =>
      province.cities.map(({ name }) => [name, provinceOfCity(name)?.name, province.name]),
    );
    expect(reported.length).toBeGreaterThan(90);
    expect(reported.filter(([, page, simulated]) => page !== simulated)).toEqual([]);
  });

  it.each([
    ['深圳市', 'Shenzhen', '广东省'],
    ['深圳', 'Shenzhen', '广东省'],
    ['大理白族自治州', 'Dali', '云南省'],
    ['北京市', 'Beijing', '北京市'],
    ['上海市市辖区', 'Shanghai (urban districts)', '上海市'],
    ['香港', 'Hong Kong', '香港特别行政区'],
    ['Springfield', 'Springfield', undefined],
  ])('%s is %s of %s', (name, english, province) => {
    expect(cityLabel(name, 'en')).toBe(english);
    expect(cityLabel(name, 'zh')).toBe(name);
    expect(provinceOfCity(name)?.name).toBe(province);
  });

  it('have their province beside them unless their name says it', () => {
    expect(provinceBeside('苏州市')?.short.en).toBe('Jiangsu');
    expect(provinceBeside('北京市市辖区')).toBeUndefined();
    expect(provinceBeside('Springfield')).toBeNull();
  });
});
