import { describe, expect, it } from '@jest/globals';
import { describeSeen, fieldMessage, quoteText } from '../../../../src/shared/utils/field-message.util.js';

it('fieldMessage names the field, the rule, the value seen and the next step', () => {
  expect(fieldMessage('startDate', 'be a day', undefined, 'add one')).toBe(
    'startDate must be a day, it is absent: add one',
  );
});

describe('describeSeen', () => {
  it.each([
    [undefined, 'it is absent'],
    [null, 'it is null'],
    ['', 'it is ""'],
    [' ', 'it is " "'],
    ['abc', 'it is "abc"'],
    ['"', 'it is "\\""'],
    ['a\nb', 'it is "a\\nb"'],
    ['a\u200b\u00a0\ufeffb', 'it is "a\\u{200b}\\u{a0}\\u{feff}b"'],
    [5, 'it is the number 5'],
    [NaN, 'it is the number NaN'],
    [7n, 'it is the bigint 7'],
    [true, 'it is the boolean true'],
    [[], 'it is an array of 0'],
    [[1, 2], 'it is an array of 2'],
    [{ a: 1 }, 'it is an object'],
  ])('describes %p', (value, description) => {
    expect(describeSeen(value)).toBe(description);
  });

  it('cuts a long text after 40 characters, whole ones, and says how long it is', () => {
    expect(describeSeen('x'.repeat(41))).toBe(`it is "${'x'.repeat(40)}…" and has 41 characters`);
    expect(describeSeen('😀'.repeat(41))).toBe(`it is "${'😀'.repeat(40)}…" and has 41 characters`);
    expect(describeSeen('x'.repeat(1_000_000))).toHaveLength(describeSeen('x'.repeat(1_000_001)).length);
  });

  it.each(['Bearer abc', 'bearer abc', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln'])(
    'does not repeat the token %s',
    (token) => {
      expect(describeSeen(token)).toBe('it is a token');
    },
  );
});

it('quoteText keeps a lone surrogate out of an answer', () => {
  expect(quoteText('a\ud800b').isWellFormed()).toBe(true);
});
