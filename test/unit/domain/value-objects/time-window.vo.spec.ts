import { describe, expect, it } from '@jest/globals';
import { TimeWindow } from '../../../../src/domain/value-objects/time-window.vo.js';
import { domainError } from '../../expectations.js';

describe('TimeWindow', () => {
  it('is three minutes by default', () => {
    expect(TimeWindow.default().windowSeconds).toBe(180);
  });

  it.each([0, -1, 1.5, NaN, Infinity, 2 ** 53])('trap 13: rejects %p with a domain error', (seconds) => {
    expect(() => TimeWindow.ofSeconds(seconds)).toThrow(domainError('time_window_invalid'));
  });

  it('accepts one second', () => {
    expect(TimeWindow.ofSeconds(1).windowSeconds).toBe(1);
  });

  it.each([
    [1000, 940],
    [1000.001, 940],
    [1000.999, 940],
    [1001, 941],
  ])('has, at %d s, the threshold %d in whole seconds for a minute', (now, threshold) => {
    expect(TimeWindow.ofSeconds(60).getThresholdTimestamp(new Date(now * 1000))).toBe(threshold);
  });
});
