import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { LiveActives } from '../../../../src/application/services/live-actives.service.js';
import type { ActiveCount } from '../../../../src/domain/value-objects/active-count.vo.js';
import { ApplicationException } from '../../../../src/shared/exceptions/application.exception.js';
import { activeCount, HOUR_MS, MINUTE_MS, TODAY, YESTERDAY } from '../../../support/builders.js';
import { FixedClock } from '../../../support/contracts/clock/fake.js';
import { InMemoryDailyActives } from '../../../support/contracts/daily-actives-repository/fake.js';
import { deferred, type Deferred } from '../../../support/deferred.js';

/** A repository whose counts end when the test ends them. */
class SlowActives extends InMemoryDailyActives {
  readonly counts: (Deferred<ActiveCount> & { readonly day: string })[] = [];

  override countNow(day: string): Promise<ActiveCount> {
    const count = { day, ...deferred<ActiveCount>() };
    this.counts.push(count);
    return count.promise;
  }
}

const TOO_SLOW = new ApplicationException('database_too_slow', { detail: 'x' });

let clock: FixedClock;
let actives: SlowActives;
let live: LiveActives;

beforeEach(() => {
  clock = new FixedClock();
  actives = new SlowActives();
  live = new LiveActives(clock, actives);
});

/** Runs one count to its end. */
async function count(
  total: number,
  options: { day?: string; tookMs?: number } = {},
): Promise<ActiveCount | null> {
  const answer = live.count(options.day ?? TODAY);
  clock.advance(options.tookMs ?? 0);
  actives.counts.at(-1)?.resolve(activeCount(total));
  return answer;
}

describe('LiveActives', () => {
  it.each([-HOUR_MS, HOUR_MS])('reuses a count no longer when the clock steps by %i ms', async (step) => {
    await count(5, { tookMs: 1_000 });
    clock.step(step);
    clock.advance(8_000);
    expect((await count(6))?.total).toBe(5);
    clock.advance(1_001);
    expect((await count(7))?.total).toBe(7);
  });

  it('shares the count after the running one among all callers that arrive meanwhile', async () => {
    const first = live.count(TODAY);
    const others = Promise.all([live.count(TODAY), live.count(TODAY)]);
    actives.counts[0]?.resolve(activeCount(5));
    expect((await first)?.total).toBe(5);
    await nextTurn();
    expect(actives.counts).toHaveLength(2);
    actives.counts[1]?.resolve(activeCount(6));
    expect((await others).map((answer) => answer?.total)).toEqual([6, 6]);
  });

  describe('reuse', () => {
    it('lasts nine times as long as the count took', async () => {
      await count(5, { tookMs: 100 });
      clock.advance(899);
      expect((await live.count(TODAY))?.total).toBe(5);
      expect(actives.counts).toHaveLength(1);
    });

    it('ends after that, and the day is counted again', async () => {
      await count(5, { tookMs: 100 });
      clock.advance(900);
      expect((await count(6))?.total).toBe(6);
      expect(actives.counts).toHaveLength(2);
    });

    it('does not happen after a cheap count', async () => {
      await count(5, { tookMs: 49 });
      expect((await count(6))?.total).toBe(6);
    });

    it('is limited to the same day', async () => {
      await count(5, { day: YESTERDAY, tookMs: 100 });
      expect((await count(1))?.total).toBe(1);
    });
  });

  describe('a count that fails', () => {
    it('fails its own callers and not the next one', async () => {
      const failing = live.count(TODAY);
      const next = live.count(TODAY);
      actives.counts[0]?.reject(new Error('away'));
      await expect(failing).rejects.toThrow('away');
      await nextTurn();
      actives.counts[1]?.resolve(activeCount(5));
      expect((await next)?.total).toBe(5);
    });
  });

  describe('a count above the request’s time limit', () => {
    async function countTooSlowly(): Promise<ActiveCount | null> {
      const answer = live.count(TODAY);
      actives.counts.at(-1)?.reject(TOO_SLOW);
      return answer;
    }

    it('returns null', async () => {
      expect(await countTooSlowly()).toBeNull();
    });

    it('is not tried again within a minute', async () => {
      await countTooSlowly();
      clock.advance(MINUTE_MS - 1);
      expect(await live.count(TODAY)).toBeNull();
      expect(actives.counts).toHaveLength(1);
    });

    it('is tried again after a minute', async () => {
      await countTooSlowly();
      clock.advance(MINUTE_MS);
      expect((await count(5))?.total).toBe(5);
    });
  });

  describe('midnight', () => {
    it('starts a count of the new day while the old one still runs', async () => {
      const old = live.count(YESTERDAY);
      const fresh = live.count(TODAY);
      expect(actives.counts.map(({ day }) => day)).toEqual([YESTERDAY, TODAY]);
      actives.counts[1]?.resolve(activeCount(1));
      actives.counts[0]?.resolve(activeCount(9));
      expect([(await old)?.total, (await fresh)?.total]).toEqual([9, 1]);
    });
  });
});
