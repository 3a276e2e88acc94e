import { describe, expect, it } from '@jest/globals';
import { countCharacters, isPrintable, isStorable } from '../../../../src/shared/utils/text.util.js';

describe('countCharacters', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['广东', 2],
    ['é', 1],
    ['e\u0301', 2],
    ['𠮷', 1],
    ['a𠮷b', 3],
    ['👨‍👩‍👧', 5],
    ['\ud800', 1],
    ['\ud800a', 2],
    ['\udc00\ud800', 2],
  ])('counts the code points of %j: %i', (text, characters) => {
    expect(countCharacters(text)).toBe(characters);
  });
});

describe('isPrintable', () => {
  it.each(['', 'abc', 'a b', '广东', '😀', '\u00a0'])('accepts %j', (text) => {
    expect(isPrintable(text)).toBe(true);
  });

  it.each(['\u0000', 'a\tb', 'a\nb', '\u001f', '\u007f', '\u0080', '\u009f', '\ud83d', '\ude00'])(
    'rejects %j',
    (text) => {
      expect(isPrintable(text)).toBe(false);
    },
  );
});

describe('isStorable', () => {
  it.each(['', 'a\tb\n', '\u0001', '😀', '\\u0000'])('accepts %j', (text) => {
    expect(isStorable(text)).toBe(true);
  });

  it.each(['\u0000', 'a\u0000b', '\ud83d', '\ude00\ud83d'])('rejects %j', (text) => {
    expect(isStorable(text)).toBe(false);
  });
});
