import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { FlushSlots, MAX_WAIT_MS } from '../../../../../src/infrastructure/persistence/citus/flush-slots.js';
import { gate, type Gate } from '../../../../support/deferred.js';
import { rejectionOf } from '../../../../support/failures.js';

describe('the slots of flushes', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  const turn = () => jest.advanceTimersByTimeAsync(0);

  /** Starts flushes that end when their gate opens, and records their order. */
  function start(
    slots: FlushSlots,
    count: number,
  ): { started: number[]; ends: Gate[]; all: Promise<unknown> } {
    const started: number[] = [];
    const ends = Array.from({ length: count }, () => gate());
    const all = Promise.allSettled(
      ends.map((end, i) =>
        slots.run(() => {
          started.push(i);
          return end.opened;
        }),
      ),
    );
    return { started, ends, all };
  }

  it('run as many flushes at once as there are, the others in order', async () => {
    const { started, ends, all } = start(new FlushSlots(2), 4);
    await turn();
    expect(started).toEqual([0, 1]);
    ends[1]!.open();
    await turn();
    expect(started).toEqual([0, 1, 2]);
    for (const end of ends) end.open();
    await turn();
    await all;
    expect(started).toEqual([0, 1, 2, 3]);
  });

  it('are free again after a flush that fails', async () => {
    const slots = new FlushSlots(1);
    expect(await rejectionOf(slots.run(() => Promise.reject(new Error('lost'))))).toMatchObject({
      message: 'lost',
    });
    expect(await slots.run(() => Promise.resolve('stored'))).toBe('stored');
  });

  it('refuse a flush that waits too long, which takes no slot from those behind it', async () => {
    const slots = new FlushSlots(1);
    const end = gate();
    const first = slots.run(() => end.opened);
    const late = rejectionOf(slots.run(() => Promise.resolve()));
    await jest.advanceTimersByTimeAsync(MAX_WAIT_MS);
    expect(await late).toMatchObject({ code: 'overloaded' });
    const next = slots.run(() => Promise.resolve('stored'));
    end.open();
    await first;
    expect(await next).toBe('stored');
    expect(await slots.run(() => Promise.resolve('stored'))).toBe('stored');
  });
});
