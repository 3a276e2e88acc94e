import { describe, expect, it } from '@jest/globals';
import { formatsOf } from '../../../../web/src/i18n/formats.js';

/** 18:05:09 in Shanghai, on the 27th there and everywhere west of it. */
const INSTANT = Date.parse('2026-11-27T10:05:09Z');
/** Spaces of Intl may be narrow or unbreakable. */
const plain = (text: string): string => text.replace(/\s/g, ' ');

describe('formats', () => {
  const [en, zh] = [formatsOf('en'), formatsOf('zh')];

  it('show times of Asia/Shanghai in any time zone of the reader', () => {
    expect(en.time(INSTANT)).toBe('18:05');
    expect(zh.preciseTime(INSTANT)).toBe('18:05:09');
    expect(en.time(Date.parse('2026-11-27T16:00:00Z'))).toBe('00:00');
    expect(en.dateTime(Date.parse('2026-11-27T16:00:00Z'))).toBe('28 Nov, 00:00');
  });

  it('show calendar days as they are', () => {
    expect([en.day('2026-11-27'), zh.day('2026-11-27')]).toEqual(['27 Nov', '11月27日']);
    expect(en.longDay('2026-01-01')).toMatch(/^Thu,? 1 Jan 2026$/);
  });

  it('group and shorten counts by the custom of the language', () => {
    expect([en.count(1_234_567), zh.count(1_234_567)]).toEqual(['1,234,567', '1,234,567']);
    expect([en.compact(12_000), zh.compact(12_000)]).toEqual(['12k', '1.2万']);
    expect(en.decimal(66.91)).toBe('66.9');
  });

  it('show parts and changes as percentages', () => {
    expect(plain(en.percent(0.0081))).toBe('0.8%');
    expect([0.042, -0.5, 0].map(en.change)).toEqual(['+4.2%', '-50%', '0%']);
  });

  it.each([
    [9.9, '9 sec'],
    [61, '1 min'],
    [7_300, '2 hr'],
    [200_000, '2 day'],
  ])('name %d s by its largest unit', (seconds, start) => {
    expect(plain(en.duration(seconds)).startsWith(start)).toBe(true);
  });
});
