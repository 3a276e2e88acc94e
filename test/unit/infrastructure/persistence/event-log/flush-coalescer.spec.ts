import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import {
  FlushCoalescer,
  type FlushCoalescerOptions,
} from '../../../../../src/infrastructure/persistence/event-log/flush-coalescer.js';
import { flushQueueRows } from '../../../../../src/shared/metrics/metrics.js';
import { deferred, type Deferred } from '../../../../support/deferred.js';
import { waitFor } from '../../../../support/processes.js';
import { applicationError } from '../../../expectations.js';

const OVERLOADED = applicationError('overloaded', 'unavailable');

class RowFault extends Error {}

/** What a flush answers of each row. */
const answer = (row: number): string => `row ${row}`;

/** Flushes under the test's control: each waits to be let go. */
class Database {
  readonly flushes: { readonly rows: readonly number[]; readonly done: Deferred<string[]> }[] = [];

  readonly flush = (rows: readonly number[]): Promise<string[]> => {
    const done = deferred<string[]>();
    this.flushes.push({ rows, done });
    return done.promise;
  };

  succeed(index: number): void {
    const flush = this.flushes[index];
    flush?.done.resolve(flush.rows.map(answer));
  }

  fail(index: number, error: Error): void {
    this.flushes[index]?.done.reject(error);
  }

  get rows(): (readonly number[])[] {
    return this.flushes.map(({ rows }) => rows);
  }
}

function coalesce(
  database: { readonly flush: (rows: readonly number[]) => Promise<string[]> },
  options: Partial<FlushCoalescerOptions<number>> = {},
): FlushCoalescer<number, string> {
  return new FlushCoalescer(database.flush, (error) => error instanceof RowFault, {
    targetRows: 100,
    concurrency: 1,
    minRowsBeside: 1,
    maxRows: 1000,
    weigh: () => 1,
    isOutage: (error) => !(error instanceof RowFault),
    ...options,
  });
}

/** Answers at once, and refuses some rows. */
class PickyDatabase {
  readonly attempts: (readonly number[])[] = [];

  constructor(private readonly refused: readonly number[]) {}

  readonly flush = async (rows: readonly number[]): Promise<string[]> => {
    this.attempts.push(rows);
    if (rows.some((row) => this.refused.includes(row))) throw new RowFault('invalid byte sequence');
    return rows.map(answer);
  };
}

describe('FlushCoalescer', () => {
  describe('when idle', () => {
    it('flushes what was submitted in one turn together, and gives each its own slice', async () => {
      const database = new Database();
      const coalescer = coalesce(database);
      const answers = Promise.all([
        coalescer.submit([1, 2]),
        coalescer.submit([3]),
        coalescer.submit([4, 5]),
      ]);
      await nextTurn();
      database.succeed(0);
      expect(await answers).toEqual([['row 1', 'row 2'], ['row 3'], ['row 4', 'row 5']]);
      expect(database.rows).toEqual([[1, 2, 3, 4, 5]]);
    });

    it('flushes nothing before the turn ends', async () => {
      const database = new Database();
      const answered = coalesce(database).submit([1]);
      await Promise.resolve();
      expect(database.flushes).toHaveLength(0);
      await nextTurn();
      expect(database.flushes).toHaveLength(1);
      database.succeed(0);
      await answered;
    });

    it('waits for nobody: a lone submission is flushed in the same turn', async () => {
      const database = new Database();
      const answered = coalesce(database).submit([1]);
      await nextTurn();
      database.succeed(0);
      expect(await answered).toEqual(['row 1']);
    });
  });

  describe('under load', () => {
    it('gathers what arrives while a flush is under way into the next one', async () => {
      const database = new Database();
      const coalescer = coalesce(database);
      const answers = [coalescer.submit([1])];
      await nextTurn();
      answers.push(coalescer.submit([2]));
      await nextTurn();
      answers.push(coalescer.submit([3]));
      await nextTurn();
      expect(database.rows).toEqual([[1]]);

      database.succeed(0);
      await nextTurn();
      await nextTurn();
      expect(database.rows).toEqual([[1], [2, 3]]);
      database.succeed(1);
      expect(await Promise.all(answers)).toEqual([['row 1'], ['row 2'], ['row 3']]);
    });

    it('keeps as many flushes under way as it may, and no more', async () => {
      const database = new Database();
      const coalescer = coalesce(database, { concurrency: 2, targetRows: 1 });
      const answers = Promise.all([1, 2, 3].map((row) => coalescer.submit([row])));
      for (let turn = 0; turn < 5; turn++) await nextTurn();
      expect(database.rows).toEqual([[1], [2]]);

      database.succeed(1);
      for (let turn = 0; turn < 5; turn++) await nextTurn();
      expect(database.rows).toEqual([[1], [2], [3]]);

      database.succeed(0);
      database.succeed(2);
      expect(await answers).toEqual([['row 1'], ['row 2'], ['row 3']]);
    });

    it('begins another flush beside one under way only with enough rows for it', async () => {
      const database = new Database();
      const coalescer = coalesce(database, { concurrency: 2, minRowsBeside: 3 });
      const answers = [coalescer.submit([1])];
      await nextTurn();
      answers.push(coalescer.submit([2, 3]));
      for (let turn = 0; turn < 3; turn++) await nextTurn();
      expect(database.rows).toEqual([[1]]);

      answers.push(coalescer.submit([4]));
      for (let turn = 0; turn < 3; turn++) await nextTurn();
      expect(database.rows).toEqual([[1], [2, 3, 4]]);

      answers.push(coalescer.submit([5]));
      database.succeed(1);
      for (let turn = 0; turn < 3; turn++) await nextTurn();
      expect(database.rows).toEqual([[1], [2, 3, 4]]);

      database.succeed(0);
      for (let turn = 0; turn < 3; turn++) await nextTurn();
      expect(database.rows).toEqual([[1], [2, 3, 4], [5]]);
      database.succeed(2);
      await Promise.all(answers);
    });

    it('goes past a flush that is slow, with as many beside it as it may', async () => {
      const database = new Database();
      const coalescer = coalesce(database, { concurrency: 3, minRowsBeside: 100 });
      const answers = [coalescer.submit([1])];
      await nextTurn();
      answers.push(coalescer.submit([2]));
      await nextTurn();
      expect(database.rows).toEqual([[1]]);

      await waitFor(() => database.flushes.length === 2);
      answers.push(coalescer.submit([3]));
      await nextTurn();
      expect(database.rows).toEqual([[1], [2], [3]]);

      database.succeed(0);
      database.succeed(1);
      database.succeed(2);
      await Promise.all(answers);
      answers.push(coalescer.submit([4]));
      await nextTurn();
      answers.push(coalescer.submit([5]));
      await nextTurn();
      // Nothing is slow any more.
      expect(database.rows.slice(3)).toEqual([[4]]);
      database.succeed(3);
      await waitFor(() => database.flushes.length === 5);
      database.succeed(4);
      await Promise.all(answers);
    });

    it('never tears a submission apart: it takes whole ones until the target is reached', async () => {
      const database = new Database();
      const coalescer = coalesce(database, { concurrency: 3, targetRows: 3 });
      const answers = Promise.all(
        [
          [1, 2],
          [3, 4],
          [5, 6, 7],
        ].map((rows) => coalescer.submit(rows)),
      );
      for (let turn = 0; turn < 3; turn++) await nextTurn();
      expect(database.rows).toEqual([
        [1, 2, 3, 4],
        [5, 6, 7],
      ]);
      database.succeed(0);
      database.succeed(1);
      await answers;
    });
  });

  describe('is bounded', () => {
    it('takes as many rows as the bound, and refuses a submission that would go over it', async () => {
      const database = new Database();
      const coalescer = coalesce(database, { maxRows: 3 });
      const taken = coalescer.submit([1, 2]);
      await expect(coalescer.submit([3, 4])).rejects.toEqual(OVERLOADED);
      const fits = coalescer.submit([5]);
      await nextTurn();
      database.succeed(0);
      expect(await Promise.all([taken, fits])).toEqual([['row 1', 'row 2'], ['row 5']]);
    });

    it('says when to come back', async () => {
      const database = new Database();
      const coalescer = coalesce(database, { maxRows: 1 });
      const taken = coalescer.submit([1]);
      await expect(coalescer.submit([2])).rejects.toMatchObject({ retryAfterSeconds: 2 });
      await nextTurn();
      database.succeed(0);
      await taken;
    });

    it('takes a submission above the bound when nothing else is there: it could never be taken otherwise', async () => {
      const database = new Database();
      const coalescer = coalesce(database, { maxRows: 1 });
      const taken = coalescer.submit([1, 2]);
      await nextTurn();
      database.succeed(0);
      expect(await taken).toEqual(['row 1', 'row 2']);
    });

    it('counts rows under way, not only those that wait', async () => {
      const database = new Database();
      const coalescer = coalesce(database, { maxRows: 1 });
      const taken = coalescer.submit([1]);
      await nextTurn();
      expect(database.rows).toEqual([[1]]);
      await expect(coalescer.submit([2])).rejects.toEqual(OVERLOADED);
      database.succeed(0);
      await taken;
    });

    it.each([
      ['a success', (database: Database) => database.succeed(0), 'fulfilled'],
      ['a failure', (database: Database) => database.fail(0, new Error('away')), 'rejected'],
      ['a row’s fault', (database: Database) => database.fail(0, new RowFault()), 'rejected'],
    ])('has its room back after %s', async (_, end, status) => {
      const database = new Database();
      const coalescer = coalesce(database, { maxRows: 1 });
      const first = Promise.allSettled([coalescer.submit([1])]);
      await nextTurn();
      end(database);
      expect(await first).toEqual([expect.objectContaining({ status })]);
      await nextTurn();

      const second = coalescer.submit([2]);
      await nextTurn();
      database.succeed(1);
      expect(await second).toEqual(['row 2']);
    });

    it('tells how many rows it holds', async () => {
      const database = new Database();
      const coalescer = coalesce(database);
      const held = async (): Promise<number | undefined> => (await flushQueueRows.get()).values[0]?.value;
      const answered = coalescer.submit([1, 2, 3]);
      expect(await held()).toBe(3);
      await nextTurn();
      database.succeed(0);
      await answered;
      await nextTurn();
      expect(await held()).toBe(0);
    });
  });

  describe('weighs rows', () => {
    /** A row weighs what its number says. */
    const weigh = (row: number): number => row;

    it('so that large ones fill a flush sooner', async () => {
      const database = new Database();
      const coalescer = coalesce(database, { concurrency: 2, targetRows: 10, weigh });
      const answers = Promise.all([[10], [10], [1]].map((rows) => coalescer.submit(rows)));
      for (let turn = 0; turn < 3; turn++) await nextTurn();
      expect(database.rows).toEqual([[10], [10]]);
      database.succeed(0);
      database.succeed(1);
      for (let turn = 0; turn < 3; turn++) await nextTurn();
      database.succeed(2);
      await answers;
    });

    it('so that large ones reach the bound sooner, and has their room back', async () => {
      const database = new Database();
      const coalescer = coalesce(database, { maxRows: 10, weigh });
      const large = coalescer.submit([10]);
      await expect(coalescer.submit([1])).rejects.toEqual(OVERLOADED);
      await nextTurn();
      database.succeed(0);
      await large;
      await nextTurn();

      const next = coalescer.submit([10]);
      await nextTurn();
      database.succeed(1);
      expect(await next).toEqual(['row 10']);
    });
  });

  describe('trap 4: when a row is at fault', () => {
    it('fails its own submission only; the neighbours are stored', async () => {
      const database = new PickyDatabase([2]);
      const coalescer = coalesce(database);
      const answers = await Promise.allSettled([[1], [2, 20], [3]].map((rows) => coalescer.submit(rows)));
      expect(answers).toEqual([
        { status: 'fulfilled', value: ['row 1'] },
        { status: 'rejected', reason: expect.any(RowFault) as unknown },
        { status: 'fulfilled', value: ['row 3'] },
      ]);
      expect(database.attempts).toEqual([[1, 2, 20, 3], [1], [2, 20], [3]]);
    });

    it('does not try a lone submission twice', async () => {
      const database = new PickyDatabase([1]);
      await expect(coalesce(database).submit([1])).rejects.toThrow(RowFault);
      expect(database.attempts).toEqual([[1]]);
    });

    it('goes on with what waits', async () => {
      const database = new PickyDatabase([1]);
      const coalescer = coalesce(database, { targetRows: 1 });
      const [bad, good] = await Promise.allSettled([coalescer.submit([1]), coalescer.submit([2])]);
      expect([bad.status, good.status]).toEqual(['rejected', 'fulfilled']);
    });
  });

  describe('when the database is at fault', () => {
    const AWAY = new Error('connection refused');

    it('rejects all of the flush with what it threw, and tries nobody alone', async () => {
      const database = new Database();
      const coalescer = coalesce(database);
      const answers = Promise.allSettled([coalescer.submit([1]), coalescer.submit([2])]);
      await nextTurn();
      database.fail(0, AWAY);
      expect(await answers).toEqual([
        { status: 'rejected', reason: AWAY },
        { status: 'rejected', reason: AWAY },
      ]);
      expect(database.rows).toEqual([[1, 2]]);
    });

    it('goes on with what waits when the failure says nothing of the next flush', async () => {
      const database = new Database();
      const coalescer = coalesce(database, { targetRows: 1, isOutage: () => false });
      const answers = Promise.allSettled([coalescer.submit([1]), coalescer.submit([2])]);
      await nextTurn();
      database.fail(0, new Error('too slow'));
      for (let turn = 0; turn < 2; turn++) await nextTurn();
      database.succeed(1);
      expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    });

    it('refuses what waits as well, rather than have it wait for another failure', async () => {
      const database = new Database();
      const coalescer = coalesce(database, { targetRows: 1, maxRows: 2 });
      const answers = Promise.allSettled([coalescer.submit([1]), coalescer.submit([2])]);
      await nextTurn();
      database.fail(0, AWAY);
      expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect(database.rows).toEqual([[1]]);

      await nextTurn();
      const again = coalescer.submit([3, 4]);
      await nextTurn();
      database.succeed(1);
      expect(await again).toEqual(['row 3', 'row 4']);
    });
  });
});
