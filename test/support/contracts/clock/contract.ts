import { beforeEach, describe, expect, it } from '@jest/globals';

import type { IClock } from '../../../../src/application/ports/clock.port.js';

/** Describes what every {@link IClock} does. */
export function describeClock(adapter: string, make: () => IClock): void {
  describe(`IClock: ${adapter}`, () => {
    let clock: IClock;

    beforeEach(() => {
      clock = make();
    });

    it('returns instants that do not decrease', () => {
      const [first, second] = [clock.now(), clock.now()];
      expect(second.getTime()).toBeGreaterThanOrEqual(first.getTime());
    });

    it('measures durations that do not decrease', () => {
      const [first, second] = [clock.elapsedMs(), clock.elapsedMs()];
      expect(second).toBeGreaterThanOrEqual(first);
    });

    it('keeps its time when a caller changes the returned Date', () => {
      const before = clock.now().getTime();
      clock.now().setFullYear(1970);
      expect(clock.now().getTime()).toBeGreaterThanOrEqual(before);
    });
  });
}
