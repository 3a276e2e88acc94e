import { describe, expect, it } from '@jest/globals';
import { toUnixSeconds } from '../../../../src/shared/rules/unix-seconds.rule.js';

describe('toUnixSeconds', () => {
  it.each([0, 0.5, 1, 1736874000, 1736874000.123, 99_999_999_999])('accepts %d', (value) => {
    expect(toUnixSeconds(value)).toBe(value);
  });

  it.each([-1, -0.001, 1e11, 1736874000000, 1e300, NaN, Infinity, -Infinity])('rejects %d', (value) => {
    expect(toUnixSeconds(value)).toBeNull();
  });

  it.each([undefined, null, '1736874000', {}, [1736874000], true])('rejects %j', (value) => {
    expect(toUnixSeconds(value)).toBeNull();
  });
});
