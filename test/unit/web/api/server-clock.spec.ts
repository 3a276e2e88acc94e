import { describe, expect, it } from '@jest/globals';
import { ServerClock } from '../../../../web/src/api/server-clock.js';

const OWN_MS = Date.parse('2026-11-25T10:00:00Z');

describe('ServerClock', () => {
  it('is unknown until an answer tells the time', () => {
    const clock = new ServerClock(() => OWN_MS);
    clock.learn(null);
    clock.learn('soon');
    expect(clock.isKnown.get()).toBe(false);
    let told = 0;
    clock.isKnown.subscribe(() => (told += 1));
    clock.learn('Fri, 27 Nov 2026 16:00:05 GMT');
    clock.learn('Fri, 27 Nov 2026 16:00:06 GMT');
    expect(clock.isKnown.get()).toBe(true);
    expect(told).toBe(1);
    expect(new Date(clock.nowMs()).toISOString()).toBe('2026-11-27T16:00:06.000Z');
  });

  it('takes the travel time of an answer for no difference', () => {
    const clock = new ServerClock(() => OWN_MS);
    clock.learn(new Date(OWN_MS - 2_000).toUTCString());
    expect(clock.nowMs()).toBe(OWN_MS);
  });
});
