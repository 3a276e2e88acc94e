import { describe, expect, it } from '@jest/globals';
import { TimeWindow } from '../../../../src/domain/value-objects/time-window.vo.js';
import { domainError } from '../../expectations.js';

describe('TimeWindow', () => {
  it('is three minutes unless told otherwise', () => {
    expect(TimeWindow.default().windowSeconds).toBe(180);
  });

  it.each([0, -1, 1.5, NaN, Infinity, 2 ** 53])(
    'trap 13: refuses %p with a domain error, not a bare one',
    (seconds) => {
      expect(() => TimeWindow.ofSeconds(seconds)).toThrow(domainError('time_window_invalid'));
    },
  );

  it('takes a second', () => {
    expect(TimeWindow.ofSeconds(1).windowSeconds).toBe(1);
  });

  it.each([
    [1000, 940],
    [1000.001, 940],
    [1000.999, 940],
    [1001, 941],
  ])('at %d s the threshold of a minute is %d: whole seconds, as heartbeats are', (now, threshold) => {
    expect(TimeWindow.ofSeconds(60).getThresholdTimestamp(new Date(now * 1000))).toBe(threshold);
  });
});
