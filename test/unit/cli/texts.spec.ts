import { describe, expect, it } from '@jest/globals';
import { count, duration, oneLine, table } from '../../../src/cli/support/texts.js';

describe('duration()', () => {
  it.each([
    [-3, '0 s'],
    [0, '0 s'],
    [0.9, '0 s'],
    [1, '1 s'],
    [59.9, '59 s'],
    [60, '1 min'],
    [125, '2 min 5 s'],
    [3_600, '1 h'],
    [3_605, '1 h'],
    [11_045, '3 h 4 min'],
    [86_400, '1 d'],
    [273_600, '3 d 4 h'],
    [400 * 86_400, '400 d'],
  ])('formats %d seconds as %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

describe('count()', () => {
  it('uses the singular for one and the plural otherwise', () => {
    expect([0, 1, 2].map((number) => count(number, 'lane'))).toEqual(['0 lanes', '1 lane', '2 lanes']);
    expect(count(1, 'message waits', 'messages wait')).toBe('1 message waits');
    expect(count(3, 'message waits', 'messages wait')).toBe('3 messages wait');
  });
});

describe('oneLine()', () => {
  it('removes line breaks and control characters', () => {
    expect(oneLine('  a\r\nb\tc\u2028d  ', 40)).toBe('a b c d');
    expect(oneLine('\u001b[2J\u001b]0;owned\u0007ok\u0000\u009b31m\u202e', 40)).toBe('[2J ]0;owned ok 31m');
  });

  it('cuts between characters, not inside them', () => {
    expect(oneLine('12345', 5)).toBe('12345');
    expect(oneLine('123456', 5)).toBe('1234…');
    expect(oneLine('省省省👩🏽🎤', 5)).toBe('省省省👩🏽🎤');
    expect(oneLine('省省省省👩🏽🎤', 5)).toBe('省省省省…');
  });
});

describe('table()', () => {
  it('aligns columns, numbers to the right', () => {
    expect(
      table(
        ['lane', 'n', 'since'],
        [
          [0, 12, '2 min'],
          [10, 5, '–'],
        ],
      ).split('\n'),
    ).toEqual(['lane   n  since', '   0  12  2 min', '  10   5  –']);
  });
});
