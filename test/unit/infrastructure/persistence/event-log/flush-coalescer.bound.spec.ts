import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { flushQueueLimitRows, flushQueueRows } from '../../../../../src/shared/metrics/metrics.js';
import { applicationError } from '../../../expectations.js';
import { ControlledDatabase, createCoalescer, DataError } from './flush-coalescer.kit.js';

const OVERLOADED = applicationError('overloaded', 'unavailable');

describe('FlushCoalescer: back-pressure', () => {
  it('accepts events up to the bound and refuses a submission that would exceed it', async () => {
    const database = new ControlledDatabase();
    const coalescer = createCoalescer(database, { maxWeight: 3 });
    const accepted = coalescer.submit([1, 2]);
    await expect(coalescer.submit([3, 4])).rejects.toEqual(OVERLOADED);
    const fits = coalescer.submit([5]);
    await nextTurn();
    database.succeed(0);
    expect(await Promise.all([accepted, fits])).toEqual([['event 1', 'event 2'], ['event 5']]);
  });

  it('states when the client may retry', async () => {
    const database = new ControlledDatabase();
    const coalescer = createCoalescer(database, { maxWeight: 1 });
    const accepted = coalescer.submit([1]);
    await expect(coalescer.submit([2])).rejects.toMatchObject({ retryAfterSeconds: 2 });
    await nextTurn();
    database.succeed(0);
    await accepted;
  });

  it('accepts a submission above the bound when nothing waits or is in flight', async () => {
    const database = new ControlledDatabase();
    const coalescer = createCoalescer(database, { maxWeight: 1 });
    const accepted = coalescer.submit([1, 2]);
    await nextTurn();
    database.succeed(0);
    expect(await accepted).toEqual(['event 1', 'event 2']);
  });

  it('counts events in flight as well as events that wait', async () => {
    const database = new ControlledDatabase();
    const coalescer = createCoalescer(database, { maxWeight: 1 });
    const accepted = coalescer.submit([1]);
    await nextTurn();
    expect(database.flushed).toEqual([[1]]);
    await expect(coalescer.submit([2])).rejects.toEqual(OVERLOADED);
    database.succeed(0);
    await accepted;
  });

  it.each([
    ['a success', (database: ControlledDatabase) => database.succeed(0), 'fulfilled'],
    [
      'an unavailable database',
      (database: ControlledDatabase) => database.fail(0, new Error('connection refused')),
      'rejected',
    ],
    ['a bad event', (database: ControlledDatabase) => database.fail(0, new DataError()), 'rejected'],
  ])('accepts events again after %s', async (_, end, status) => {
    const database = new ControlledDatabase();
    const coalescer = createCoalescer(database, { maxWeight: 1 });
    const first = Promise.allSettled([coalescer.submit([1])]);
    await nextTurn();
    end(database);
    expect(await first).toEqual([expect.objectContaining({ status })]);
    await nextTurn();

    const second = coalescer.submit([2]);
    await nextTurn();
    database.succeed(1);
    expect(await second).toEqual(['event 2']);
  });

  it('reaches the bound sooner with heavy events, and accepts events again afterwards', async () => {
    const database = new ControlledDatabase();
    const coalescer = createCoalescer(database, { maxWeight: 10, weigh: (event) => event });
    const heavy = coalescer.submit([10]);
    await expect(coalescer.submit([1])).rejects.toEqual(OVERLOADED);
    await nextTurn();
    database.succeed(0);
    await heavy;
    await nextTurn();

    const next = coalescer.submit([10]);
    await nextTurn();
    database.succeed(1);
    expect(await next).toEqual(['event 10']);
  });

  it('reports the events it holds as a metric', async () => {
    const database = new ControlledDatabase();
    const coalescer = createCoalescer(database);
    const held = async (): Promise<number | undefined> => (await flushQueueRows.get()).values[0]?.value;
    const outcome = coalescer.submit([1, 2, 3]);
    expect(await held()).toBe(3);
    await nextTurn();
    database.succeed(0);
    await outcome;
    await nextTurn();
    expect(await held()).toBe(0);
  });

  it('reports each bucket of a cluster with its own bound', async () => {
    const database = new ControlledDatabase();
    const [own, other] = ['3', '5'].map((bucket) =>
      createCoalescer(database, { maxWeight: 10, labels: { bucket } }),
    );
    const outcome = own!.submit([1, 2]);
    const read = async (gauge: typeof flushQueueRows) =>
      Object.fromEntries((await gauge.get()).values.map(({ labels, value }) => [labels.bucket ?? '', value]));
    expect(await read(flushQueueRows)).toMatchObject({ 3: 2, 5: 0 });
    expect(await read(flushQueueLimitRows)).toMatchObject({ 3: 10, 5: 10 });
    await nextTurn();
    database.succeed(0);
    await outcome;
    expect(other).toBeDefined();
  });
});
