import { describe, expect, it } from '@jest/globals';
import {
  addDays,
  daysOf,
  rangeEndingOn,
  shanghaiDay,
  startOfShanghaiDay,
} from '../../../../web/src/state/day-range.js';
import { preferredLanguage, readSettings, SettingsStore } from '../../../../web/src/state/settings.js';

function storageWith(text: string | null) {
  const stored = { text };
  return {
    stored,
    getItem: () => stored.text,
    setItem: (_: string, value: string) => {
      stored.text = value;
    },
  };
}

describe('settings', () => {
  it.each([
    [['zh-CN', 'en'], 'zh'],
    [['fr-FR', 'zh-Hant-TW'], 'zh'],
    [['de', 'en-GB', 'zh'], 'en'],
    [['fr'], 'en'],
    [[], 'en'],
  ] as const)('for a browser of %j begin in %s', (languages, expected) => {
    expect(preferredLanguage(languages)).toBe(expected);
  });

  it('come back as they were left', () => {
    const storage = storageWith(null);
    new SettingsStore(storage, ['en']).change({
      language: 'zh',
      theme: 'dark',
      rangeDays: 90,
      province: '广东省',
    });
    expect(readSettings(storage, ['en'])).toEqual({
      ...{ language: 'zh', theme: 'dark', rangeDays: 90, province: '广东省' },
    });
  });

  it.each(['no JSON', 'null', '[]', '{"language":"fr","theme":1,"rangeDays":3660,"province":"<script>"}'])(
    'fall back to their defaults for %s',
    (text) => {
      expect(readSettings(storageWith(text), ['zh'])).toEqual({
        ...{ language: 'zh', theme: 'system', rangeDays: 30, province: null },
      });
    },
  );
});

describe('days of Asia/Shanghai', () => {
  it('begin at 16:00 UTC of the day before', () => {
    expect(shanghaiDay(Date.parse('2026-11-27T15:59:59.999Z'))).toBe('2026-11-27');
    expect(shanghaiDay(Date.parse('2026-11-27T16:00:00Z'))).toBe('2026-11-28');
    expect(new Date(startOfShanghaiDay('2026-11-28')).toISOString()).toBe('2026-11-27T16:00:00.000Z');
  });

  it('make ranges that include today and have as many days as they say', () => {
    const range = rangeEndingOn('2026-03-01', 7);
    expect(range).toEqual({ days: 7, startDate: '2026-02-23', endDate: '2026-03-01' });
    expect(daysOf(range)).toHaveLength(7);
    expect(daysOf(range).at(-1)).toBe('2026-03-01');
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
  });
});
