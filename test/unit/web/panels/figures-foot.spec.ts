import { describe, expect, it } from '@jest/globals';
import { EN } from '../../../../web/src/i18n/en.js';
import { formatsOf } from '../../../../web/src/i18n/formats.js';
import { finalNote, footOf, joinStates } from '../../../../web/src/panels/figures-foot.js';

const format = formatsOf('en');
const [EARLY, LATE] = ['2025-01-15T01:00:00.000Z', '2025-01-15T02:00:00.000Z'];

describe('the foot of a figure', () => {
  it('says when it was counted, and through which day it is final', () => {
    expect(footOf({ finalThrough: '2025-01-14', calculatedAt: EARLY }, EN.card, format)).toEqual({
      countedAtMs: Date.parse(EARLY),
      notes: [EN.card.finalThrough(format.day('2025-01-14')), EN.card.hourly],
    });
  });

  it('names no instant before the first count', () => {
    const { countedAtMs } = footOf({ finalThrough: '2025-01-14', calculatedAt: null }, EN.card, format);
    expect(countedAtMs).toBeUndefined();
    expect(footOf(null, EN.card, format)).toEqual({ notes: [EN.card.hourly] });
  });

  it('takes the older count and the earlier edge of two answers', () => {
    const older = { finalThrough: '2025-01-14', calculatedAt: EARLY };
    const newer = { finalThrough: '2025-01-13', calculatedAt: LATE };
    for (const states of [
      [older, newer],
      [newer, older],
    ])
      expect(joinStates(...states)).toEqual({ finalThrough: '2025-01-13', calculatedAt: EARLY });
    expect(joinStates(older, { ...newer, calculatedAt: null })).toMatchObject({ calculatedAt: null });
    expect(joinStates({ ...newer, calculatedAt: null }, older)).toMatchObject({ calculatedAt: null });
    expect(joinStates(older, null)).toBeNull();
  });

  it.each([
    [[true, true, false], ['2025-01-02']],
    [[true, false, true], ['2025-01-01']],
    [[true, true, true], ['2025-01-03']],
    [[false, true, true], []],
    [[], []],
  ])('names the day before the first provisional one: %j', (finality, days) => {
    const data = finality.map((isFinal, index) => ({ day: `2025-01-0${index + 1}`, isFinal }));
    expect(finalNote(data, EN.card, format)).toEqual(
      days.map((day) => EN.card.finalThrough(format.day(day))),
    );
  });
});
