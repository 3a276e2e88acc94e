import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  FlushCoalescer,
  SLOW_FLUSH_MS,
} from '../../../../../src/infrastructure/persistence/event-log/flush-coalescer.js';
import { ManualTimers } from '../../../../support/manual-timers.js';
import { ControlledDatabase, createCoalescer, turns } from './flush-coalescer.kit.js';

describe('FlushCoalescer', () => {
  describe('without a flush in flight', () => {
    it('flushes the submissions of one turn together and returns to each its own outcomes', async () => {
      const database = new ControlledDatabase();
      const coalescer = createCoalescer(database);
      const outcomes = Promise.all([
        coalescer.submit([1, 2]),
        coalescer.submit([3]),
        coalescer.submit([4, 5]),
      ]);
      await nextTurn();
      database.succeed(0);
      expect(await outcomes).toEqual([['event 1', 'event 2'], ['event 3'], ['event 4', 'event 5']]);
      expect(database.flushed).toEqual([[1, 2, 3, 4, 5]]);
    });

    it('flushes nothing before the turn ends', async () => {
      const database = new ControlledDatabase();
      const outcome = createCoalescer(database).submit([1]);
      await Promise.resolve();
      expect(database.flushed).toHaveLength(0);
      await nextTurn();
      expect(database.flushed).toHaveLength(1);
      database.succeed(0);
      await outcome;
    });

    it('flushes a lone submission in the same turn', async () => {
      const database = new ControlledDatabase();
      const outcome = createCoalescer(database).submit([1]);
      await nextTurn();
      database.succeed(0);
      expect(await outcome).toEqual(['event 1']);
    });
  });

  describe('with flushes in flight', () => {
    it('gathers the submissions that arrive meanwhile into the next flush', async () => {
      const database = new ControlledDatabase();
      const coalescer = createCoalescer(database);
      const outcomes = [coalescer.submit([1])];
      await nextTurn();
      outcomes.push(coalescer.submit([2]));
      await nextTurn();
      outcomes.push(coalescer.submit([3]));
      await nextTurn();
      expect(database.flushed).toEqual([[1]]);

      database.succeed(0);
      await turns(2);
      expect(database.flushed).toEqual([[1], [2, 3]]);
      database.succeed(1);
      expect(await Promise.all(outcomes)).toEqual([['event 1'], ['event 2'], ['event 3']]);
    });

    it('keeps no more flushes in flight than the concurrency allows', async () => {
      const database = new ControlledDatabase();
      const coalescer = createCoalescer(database, { concurrency: 2, targetWeight: 1 });
      const outcomes = Promise.all([1, 2, 3].map((event) => coalescer.submit([event])));
      await turns(5);
      expect(database.flushed).toEqual([[1], [2]]);

      database.succeed(1);
      await turns(5);
      expect(database.flushed).toEqual([[1], [2], [3]]);

      database.succeed(0);
      database.succeed(2);
      expect(await outcomes).toEqual([['event 1'], ['event 2'], ['event 3']]);
    });

    it('starts a flush beside another only when enough events wait', async () => {
      const database = new ControlledDatabase();
      const coalescer = createCoalescer(database, { concurrency: 2, minWeightBeside: 3 });
      const outcomes = [coalescer.submit([1])];
      await nextTurn();
      outcomes.push(coalescer.submit([2, 3]));
      await turns(3);
      expect(database.flushed).toEqual([[1]]);

      outcomes.push(coalescer.submit([4]));
      await turns(3);
      expect(database.flushed).toEqual([[1], [2, 3, 4]]);

      outcomes.push(coalescer.submit([5]));
      database.succeed(1);
      await turns(3);
      expect(database.flushed).toEqual([[1], [2, 3, 4]]);

      database.succeed(0);
      await turns(3);
      expect(database.flushed).toEqual([[1], [2, 3, 4], [5]]);
      database.succeed(2);
      await Promise.all(outcomes);
    });

    it('takes whole submissions until the target is reached', async () => {
      const database = new ControlledDatabase();
      const coalescer = createCoalescer(database, { concurrency: 3, targetWeight: 3 });
      const outcomes = Promise.all(
        [
          [1, 2],
          [3, 4],
          [5, 6, 7],
        ].map((events) => coalescer.submit(events)),
      );
      await turns(3);
      expect(database.flushed).toEqual([
        [1, 2, 3, 4],
        [5, 6, 7],
      ]);
      database.succeed(0);
      database.succeed(1);
      await outcomes;
    });

    it('fills a flush sooner with heavy events', async () => {
      const database = new ControlledDatabase();
      const coalescer = createCoalescer(database, {
        concurrency: 2,
        targetWeight: 10,
        weigh: (event) => event,
      });
      const outcomes = Promise.all([[10], [10], [1]].map((events) => coalescer.submit(events)));
      await turns(3);
      expect(database.flushed).toEqual([[10], [10]]);
      database.succeed(0);
      database.succeed(1);
      await turns(3);
      database.succeed(2);
      await outcomes;
    });
  });

  describe('with a slow flush in flight', () => {
    it('starts flushes beside it as far as the concurrency allows', async () => {
      const database = new ControlledDatabase();
      const timers = new ManualTimers();
      const coalescer = createCoalescer(database, { concurrency: 3, minWeightBeside: 100 }, timers);
      const outcomes = [coalescer.submit([1])];
      await nextTurn();
      outcomes.push(coalescer.submit([2]));
      await nextTurn();
      expect(database.flushed).toEqual([[1]]);
      expect(timers.delays).toEqual([SLOW_FLUSH_MS]);

      timers.fireAll();
      await nextTurn();
      expect(database.flushed).toEqual([[1], [2]]);
      outcomes.push(coalescer.submit([3]));
      await nextTurn();
      expect(database.flushed).toEqual([[1], [2], [3]]);
      outcomes.push(coalescer.submit([4]));
      await turns(3);
      expect(database.flushed).toEqual([[1], [2], [3]]);

      for (const index of [0, 1, 2]) database.succeed(index);
      await Promise.all(outcomes.slice(0, 3));
      await turns(2);
      database.succeed(3);
      await Promise.all(outcomes);
    });

    it('gathers submissions again once the slow flush has ended', async () => {
      const database = new ControlledDatabase();
      const timers = new ManualTimers();
      const coalescer = createCoalescer(database, { concurrency: 3, minWeightBeside: 100 }, timers);
      const slow = coalescer.submit([1]);
      await nextTurn();
      timers.fireAll();
      database.succeed(0);
      await slow;

      const outcomes = [coalescer.submit([2])];
      await nextTurn();
      outcomes.push(coalescer.submit([3]));
      await turns(3);
      expect(database.flushed).toEqual([[1], [2]]);

      database.succeed(1);
      await turns(2);
      expect(database.flushed).toEqual([[1], [2], [3]]);
      database.succeed(2);
      await Promise.all(outcomes);
    });

    it.each([
      ['succeeds', (database: ControlledDatabase) => database.succeed(0)],
      ['fails', (database: ControlledDatabase) => database.fail(0, new Error('connection refused'))],
    ])('cancels the timer of a flush that %s', async (_, end) => {
      const database = new ControlledDatabase();
      const timers = new ManualTimers();
      const outcome = Promise.allSettled([createCoalescer(database, {}, timers).submit([1])]);
      await nextTurn();
      expect(timers.running).toBe(1);
      end(database);
      await outcome;
      await nextTurn();
      expect(timers.running).toBe(0);
    });
  });

  describe('that gathers', () => {
    it('starts a flush when the time is over, or at once when enough events wait', async () => {
      const database = new ControlledDatabase();
      const timers = new ManualTimers();
      const coalescer = createCoalescer(database, { gatherMs: 20, targetWeight: 3 }, timers);
      void coalescer.submit([1]);
      void coalescer.submit([2]);
      await turns(3);
      expect(database.flushed).toEqual([]);
      timers.fireAll();
      await turns(3);
      expect(database.flushed).toEqual([[1, 2]]);
      database.succeed(0);
      await turns(3);

      void coalescer.submit([3]);
      void coalescer.submit([4, 5]);
      await turns(3);
      expect(database.flushed).toEqual([
        [1, 2],
        [3, 4, 5],
      ]);
      database.succeed(1);
      await turns(3);
    });
  });

  describe('with the default timer', () => {
    beforeEach(() => {
      jest.useFakeTimers({
        doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'hrtime'],
      });
    });

    afterEach(() => {
      jest.useRealTimers();
    });

    it('takes a flush for slow after 50 ms, and clears the timer when the flush ends', async () => {
      const database = new ControlledDatabase();
      const coalescer = new FlushCoalescer<number, string>(database.flush, {
        targetWeight: 1,
        concurrency: 2,
        minWeightBeside: 100,
        maxWeight: 100,
        weigh: () => 1,
        isDataError: () => false,
        isUnavailable: () => false,
      });
      const outcomes = Promise.all([coalescer.submit([1]), coalescer.submit([2])]);
      await turns(3);
      expect(database.flushed).toEqual([[1]]);

      jest.advanceTimersByTime(50);
      await turns(3);
      expect(database.flushed).toEqual([[1], [2]]);

      database.succeed(0);
      database.succeed(1);
      await outcomes;
      await nextTurn();
      expect(jest.getTimerCount()).toBe(0);
    });
  });
});
