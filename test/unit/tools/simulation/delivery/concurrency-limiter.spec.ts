import { describe, expect, it } from '@jest/globals';
import { ConcurrencyLimiter } from '../../../../../tools/simulation/delivery/concurrency-limiter.js';

describe('ConcurrencyLimiter', () => {
  it('runs at most its limit at a time, in order, and frees the slot of a task that fails', async () => {
    const limiter = new ConcurrencyLimiter(3);
    let [running, most] = [0, 0];
    const order: number[] = [];
    const results = await Promise.allSettled(
      Array.from({ length: 3_000 }, (_, number) =>
        limiter.run(async () => {
          order.push(number);
          running += 1;
          most = Math.max(most, running);
          await Promise.resolve();
          running -= 1;
          if (number % 7 === 0) throw new Error('failed');
        }),
      ),
    );
    expect(results).toHaveLength(3_000);
    expect(most).toBe(3);
    expect(order).toEqual([...order].sort((left, right) => left - right));
  });
});
