import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import {
  FlushSlots,
  MAX_WAIT_MS,
  SILENT_WAIT_MS,
} from '../../../../../src/infrastructure/persistence/citus/flush-slots.js';
import { gate } from '../../../../support/deferred.js';
import { rejectionOf } from '../../../../support/failures.js';

describe('the slots of flushes', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  // The warning of a silent bucket would hide other output.
  Logger.overrideLogger(false);

  afterEach(() => {
    jest.useRealTimers();
  });

  const turn = () => jest.advanceTimersByTimeAsync(0);

  const SILENCE = new Error('no answer');

  const openSlots = (count: number) => new FlushSlots(count, (error) => error === SILENCE);

  /** Starts a flush of each bucket, in this order, that ends when its gate opens. */
  function start(slots: FlushSlots, buckets: readonly number[]) {
    const started: number[] = [];
    const flushes = buckets.map((bucket) => {
      const end = gate();
      const result = slots.run(bucket, () => {
        started.push(bucket);
        return end.opened;
      });
      return { bucket, end, result };
    });
    return { started, flushes, all: Promise.allSettled(flushes.map(({ result }) => result)) };
  }

  const fail = async (slots: FlushSlots, bucket: number) =>
    rejectionOf(slots.run(bucket, () => Promise.reject(SILENCE)));

  const store = (slots: FlushSlots, bucket: number) => slots.run(bucket, () => Promise.resolve('stored'));

  it('run as many flushes at once as there are, the others in order', async () => {
    const { started, flushes, all } = start(openSlots(2), [1, 2, 3, 4]);
    await turn();
    expect(started).toEqual([1, 2]);
    flushes[1]!.end.open();
    await turn();
    expect(started).toEqual([1, 2, 3]);
    for (const { end } of flushes) end.open();
    await turn();
    await all;
    expect(started).toEqual([1, 2, 3, 4]);
  });

  it('are free again after a flush that fails', async () => {
    const slots = openSlots(1);
    expect(await rejectionOf(slots.run(1, () => Promise.reject(new Error('lost'))))).toMatchObject({
      message: 'lost',
    });
    expect(await store(slots, 1)).toBe('stored');
  });

  it('refuse a flush that waits too long, which takes no slot from those behind it', async () => {
    const slots = openSlots(1);
    const { flushes } = start(slots, [1]);
    const late = rejectionOf(store(slots, 2));
    await jest.advanceTimersByTimeAsync(MAX_WAIT_MS);
    expect(await late).toMatchObject({ code: 'overloaded' });
    const next = store(slots, 3);
    flushes[0]!.end.open();
    await flushes[0]!.result;
    expect(await next).toBe('stored');
    expect(await store(slots, 1)).toBe('stored');
  });

  it('leave a quarter free of second flushes, so that every other bucket can start', async () => {
    const frozen = [1, 2, 3, 4];
    const { started } = start(openSlots(8), [...frozen, ...frozen, 5, 6]);
    await turn();
    expect(started).toEqual([1, 2, 3, 4, 1, 2, 5, 6]);
  });

  it('of a node that does not answer serve the other buckets, however many flushes silent buckets have', async () => {
    const slots = openSlots(4);
    const silent = [1, 2, 3, 4];
    for (const bucket of silent) await fail(slots, bucket);
    const tried = start(slots, [...silent, ...silent]);
    const refused = Promise.all(tried.flushes.slice(1).map(({ result }) => rejectionOf(result)));
    expect(await Promise.all([5, 6, 7].map((bucket) => store(slots, bucket)))).toEqual(
      Array<string>(3).fill('stored'),
    );
    await jest.advanceTimersByTimeAsync(SILENT_WAIT_MS);
    expect(tried.started).toEqual([1]);
    expect(await refused).toEqual(Array<unknown>(7).fill(SILENCE));
  });

  it('serve each silent bucket again within one wait, once its node answers', async () => {
    const slots = openSlots(4);
    const silent = Array.from({ length: 16 }, (_, bucket) => bucket);
    for (const bucket of silent) await fail(slots, bucket);
    expect(await Promise.all(silent.map((bucket) => store(slots, bucket)))).toEqual(
      Array<string>(16).fill('stored'),
    );
  });

  it('fail the waiting flushes of a bucket with the one that got no answer', async () => {
    const slots = openSlots(1);
    const end = gate();
    const first = slots.run(1, () => end.opened.then(() => Promise.reject(SILENCE)));
    const second = rejectionOf(store(slots, 1));
    end.open();
    expect(await rejectionOf(first)).toBe(SILENCE);
    expect(await second).toBe(SILENCE);
  });

  it('keep a bucket as it is that was refused by a node that answers', async () => {
    const slots = openSlots(2);
    await rejectionOf(slots.run(1, () => Promise.reject(new Error('lock timeout'))));
    const { started } = start(slots, [1, 1]);
    await turn();
    expect(started).toEqual([1, 1]);
  });
});
