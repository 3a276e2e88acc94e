import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import {
  ControlledDatabase,
  createCoalescer,
  DataError,
  PickyDatabase,
  turns,
} from './flush-coalescer.kit.js';

const UNAVAILABLE = new Error('connection refused');

describe('FlushCoalescer: failures', () => {
  describe('trap 4: a bad event', () => {
    it('fails its own submission only, and the other submissions are stored', async () => {
      const database = new PickyDatabase([2]);
      const coalescer = createCoalescer(database);
      const outcomes = await Promise.allSettled(
        [[1], [2, 20], [3]].map((events) => coalescer.submit(events)),
      );
      expect(outcomes).toEqual([
        { status: 'fulfilled', value: ['event 1'] },
        { status: 'rejected', reason: expect.any(DataError) as unknown },
        { status: 'fulfilled', value: ['event 3'] },
      ]);
      expect(database.attempts).toEqual([[1, 2, 20, 3], [1], [2, 20], [3]]);
    });

    it('is tried once when its submission is alone in the flush', async () => {
      const database = new PickyDatabase([1]);
      await expect(createCoalescer(database).submit([1])).rejects.toThrow(DataError);
      expect(database.attempts).toEqual([[1]]);
    });

    it('does not stop the submissions that wait', async () => {
      const database = new PickyDatabase([1]);
      const coalescer = createCoalescer(database, { targetWeight: 1 });
      const [bad, good] = await Promise.allSettled([coalescer.submit([1]), coalescer.submit([2])]);
      expect([bad.status, good.status]).toEqual(['rejected', 'fulfilled']);
    });
  });

  describe('an unavailable database', () => {
    it('rejects all submissions of the flush and retries none alone', async () => {
      const database = new ControlledDatabase();
      const coalescer = createCoalescer(database);
      const outcomes = Promise.allSettled([coalescer.submit([1]), coalescer.submit([2])]);
      await nextTurn();
      database.fail(0, UNAVAILABLE);
      expect(await outcomes).toEqual([
        { status: 'rejected', reason: UNAVAILABLE },
        { status: 'rejected', reason: UNAVAILABLE },
      ]);
      expect(database.flushed).toEqual([[1, 2]]);
    });

    it('rejects the submissions that wait without another flush, and accepts new ones', async () => {
      const database = new ControlledDatabase();
      const coalescer = createCoalescer(database, { targetWeight: 1, maxWeight: 2 });
      const outcomes = Promise.allSettled([coalescer.submit([1]), coalescer.submit([2])]);
      await nextTurn();
      database.fail(0, UNAVAILABLE);
      expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect(database.flushed).toEqual([[1]]);

      await nextTurn();
      const next = coalescer.submit([3, 4]);
      await nextTurn();
      database.succeed(1);
      expect(await next).toEqual(['event 3', 'event 4']);
    });
  });

  it('flushes the submissions that wait when a failure does not predict the next one', async () => {
    const database = new ControlledDatabase();
    const coalescer = createCoalescer(database, { targetWeight: 1, isUnavailable: () => false });
    const outcomes = Promise.allSettled([coalescer.submit([1]), coalescer.submit([2])]);
    await nextTurn();
    database.fail(0, new Error('too slow'));
    await turns(2);
    database.succeed(1);
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });
});
