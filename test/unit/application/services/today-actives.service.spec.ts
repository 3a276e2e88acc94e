import { beforeEach, describe, expect, it } from '@jest/globals';
import { TodayActives } from '../../../../src/application/services/today-actives.service.js';
import type { ActiveCount } from '../../../../src/domain/repositories/daily-actives.repository.interface.js';
import { ApplicationException } from '../../../../src/shared/exceptions/application.exception.js';
import { activeCount, MINUTE_MS, TODAY, YESTERDAY } from '../../../support/builders.js';
import { deferred, FixedClock, InMemoryDailyActives, type Deferred } from '../../../support/fakes.js';

/** Counts end when the test says so. */
class SlowActives extends InMemoryDailyActives {
  readonly counts: (Deferred<ActiveCount> & { readonly day: string })[] = [];

  override countNow(day: string): Promise<ActiveCount> {
    const count = { day, ...deferred<ActiveCount>() };
    this.counts.push(count);
    return count.promise;
  }
}

const TOO_SLOW = new ApplicationException('database_too_slow', 'unavailable', 'x');

let clock: FixedClock;
let actives: SlowActives;
let today: TodayActives;

beforeEach(() => {
  clock = new FixedClock();
  actives = new SlowActives();
  today = new TodayActives(clock, actives);
});

/** One count, from question to answer. */
async function count(
  total: number,
  options: { day?: string; tookMs?: number } = {},
): Promise<ActiveCount | null> {
  const answer = today.count(options.day ?? TODAY);
  clock.advance(options.tookMs ?? 0);
  actives.counts.at(-1)?.resolve(activeCount(total));
  return answer;
}

describe('TodayActives', () => {
  it('shares a running count among all who ask', async () => {
    const answers = Promise.all([today.count(TODAY), today.count(TODAY), today.count(TODAY)]);
    actives.counts[0]?.resolve(activeCount(5));
    expect((await answers).map((answer) => answer?.total)).toEqual([5, 5, 5]);
    expect(actives.counts).toHaveLength(1);
  });

  describe('reuse', () => {
    it('lasts nine times as long as the count took', async () => {
      await count(5, { tookMs: 100 });
      clock.advance(899);
      expect((await today.count(TODAY))?.total).toBe(5);
      expect(actives.counts).toHaveLength(1);
    });

    it('ends then, and the day is counted again', async () => {
      await count(5, { tookMs: 100 });
      clock.advance(900);
      expect((await count(6))?.total).toBe(6);
      expect(actives.counts).toHaveLength(2);
    });

    it('does not happen after a count that took no time', async () => {
      await count(5);
      expect((await count(6))?.total).toBe(6);
    });

    it('is for the same day only', async () => {
      await count(5, { day: YESTERDAY, tookMs: 100 });
      expect((await count(1))?.total).toBe(1);
    });
  });

  describe('a count that fails', () => {
    it('fails for all who share it, and is not remembered', async () => {
      const answers = Promise.allSettled([today.count(TODAY), today.count(TODAY)]);
      clock.advance(100);
      actives.counts[0]?.reject(new Error('away'));
      expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect((await count(5))?.total).toBe(5);
    });
  });

  describe('a count that takes longer than a request may', () => {
    async function countTooSlowly(): Promise<ActiveCount | null> {
      const answer = today.count(TODAY);
      actives.counts.at(-1)?.reject(TOO_SLOW);
      return answer;
    }

    it('answers null: the last stored figures must do', async () => {
      expect(await countTooSlowly()).toBeNull();
    });

    it('is not tried again within a minute', async () => {
      await countTooSlowly();
      clock.advance(MINUTE_MS - 1);
      expect(await today.count(TODAY)).toBeNull();
      expect(actives.counts).toHaveLength(1);
    });

    it('is tried again after it', async () => {
      await countTooSlowly();
      clock.advance(MINUTE_MS);
      expect((await count(5))?.total).toBe(5);
    });
  });

  describe('at midnight', () => {
    it('counts the new day, and not the one whose count still runs', async () => {
      const old = today.count(YESTERDAY);
      const fresh = today.count(TODAY);
      expect(actives.counts.map(({ day }) => day)).toEqual([YESTERDAY, TODAY]);
      actives.counts[1]?.resolve(activeCount(1));
      actives.counts[0]?.resolve(activeCount(9));
      expect([(await old)?.total, (await fresh)?.total]).toEqual([9, 1]);
    });

    it('goes on sharing the new day’s count when the old one ends', async () => {
      const old = today.count(YESTERDAY);
      const fresh = today.count(TODAY);
      actives.counts[0]?.resolve(activeCount(9));
      await old;
      const another = today.count(TODAY);
      actives.counts[1]?.resolve(activeCount(1));
      expect([(await fresh)?.total, (await another)?.total]).toEqual([1, 1]);
      expect(actives.counts).toHaveLength(2);
    });
  });
});
