import { describe, expect, it } from '@jest/globals';
import { ServerClock } from '../../../../web/src/api/server-clock.js';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const MIDNIGHT = Date.parse('2026-11-27T16:00:00Z');

/** A page whose own clock differs from that of the service. */
function create({ aheadMs = 0 } = {}) {
  let trueMs = MIDNIGHT;
  const clock = new ServerClock(() => trueMs + aheadMs);
  /** Asks the service, which writes its time when the request has arrived. */
  const exchange = ({ thereMs = 0, backMs = 0 }): void => {
    const learn = clock.expectAnswer();
    trueMs += thereMs;
    const date = new Date(trueMs).toUTCString();
    trueMs += backMs;
    learn(date);
  };
  return { clock, exchange, errorMs: () => Math.abs(clock.nowMs() - trueMs) };
}

describe('ServerClock', () => {
  it('is unknown until an answer tells the time', () => {
    const { clock, exchange, errorMs } = create({ aheadMs: -54 * HOUR_MS });
    clock.expectAnswer()(null);
    clock.expectAnswer()('soon');
    expect(clock.isKnown.get()).toBe(false);
    let told = 0;
    clock.isKnown.subscribe(() => (told += 1));
    exchange({});
    exchange({});
    expect(clock.isKnown.get()).toBe(true);
    expect(told).toBe(1);
    expect(errorMs()).toBe(0);
  });

  it('takes the rounding of a header for no difference', () => {
    const { clock, exchange, errorMs } = create({ aheadMs: 900 });
    exchange({ backMs: 900 });
    expect(errorMs()).toBe(900);
    expect(clock.isKnown.get()).toBe(true);
  });

  it.each([
    ['there', { thereMs: 20 * SECOND_MS }],
    ['back', { backMs: 20 * SECOND_MS }],
    ['there and back', { thereMs: 15 * SECOND_MS, backMs: 14 * SECOND_MS }],
  ])('does not follow an answer that was on its way for long: %s', (_, slow) => {
    const { clock, exchange, errorMs } = create();
    const follow = () => {
      exchange(slow);
      expect(errorMs()).toBe(0);
    };
    follow();
    exchange({});
    follow();
    expect(clock.nowMs()).toBeGreaterThan(MIDNIGHT);
  });

  it('keeps what a fast answer told while later ones are slow', () => {
    const { exchange, errorMs } = create({ aheadMs: 5 * HOUR_MS });
    exchange({});
    exchange({ backMs: 20 * SECOND_MS });
    expect(errorMs()).toBe(0);
  });

  it('is right by half of the way when the first answer is slow, and by the next fast one', () => {
    const { exchange, errorMs } = create({ aheadMs: -5 * HOUR_MS });
    exchange({ backMs: 20 * SECOND_MS });
    expect(errorMs()).toBe(10 * SECOND_MS);
    exchange({});
    expect(errorMs()).toBe(0);
  });
});
