import { describe, expect, it } from '@jest/globals';
import { EN } from '../../../../web/src/i18n/en.js';
import { formatsOf } from '../../../../web/src/i18n/formats.js';
import { ZH } from '../../../../web/src/i18n/zh.js';
import { freshness } from '../../../../web/src/ui/freshness.js';

const TODAY = '2026-11-27';
/** 18:05:09 of today in Shanghai. */
const NOW = Date.parse('2026-11-27T10:05:09Z');
const TWO_DAYS_AGO = NOW - 2 * 86_400_000;

function textOf(countedAtMs: number | undefined, answeredAtMs: number | null): string | undefined {
  return freshness({ countedAtMs, answeredAtMs }, TODAY, EN.card, formatsOf('en'))?.text;
}

describe('the freshness of a figure', () => {
  it('is the time of its counting, to the second', () => {
    expect(textOf(NOW - 1000, NOW)).toBe('As of 18:05:08');
  });

  it('has the date when that is not today in Shanghai', () => {
    expect(textOf(TWO_DAYS_AGO, NOW)).toBe('As of 25 Nov, 18:05');
    expect(textOf(undefined, Date.parse('2026-11-26T15:59:59Z'))).toBe('Answered at 26 Nov, 23:59');
    expect(textOf(undefined, Date.parse('2026-11-26T16:00:00Z'))).toBe('Answered at 00:00:00');
  });

  it('names the answer where the service does not say when it counted', () => {
    expect(textOf(undefined, NOW)).toBe('Answered at 18:05:09');
    const chinese = freshness({ countedAtMs: undefined, answeredAtMs: NOW }, TODAY, ZH.card, formatsOf('zh'));
    expect(chinese).toEqual({ atMs: NOW, text: '应答于 18:05:09' });
  });

  it('is unknown before there is an answer', () => {
    expect(textOf(undefined, null)).toBeUndefined();
  });
});
