import { describe, expect, it } from '@jest/globals';

import { GroupedCalls } from '../../../../src/infrastructure/redis/grouped-calls.js';

/** Work that ends when it is told to. */
class Work {
  readonly calls: {
    readonly items: readonly string[];
    readonly end: () => void;
    readonly fail: (e: Error) => void;
  }[] = [];
  readonly grouped = new GroupedCalls<string, string>(
    (items) =>
      new Promise((resolve, reject) => {
        this.calls.push({ items, end: () => resolve(items.join()), fail: reject });
      }),
  );
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('GroupedCalls', () => {
  it('makes one call for those who come together', async () => {
    const { calls, grouped } = new Work();
    const answers = ['a', 'b', 'c'].map((item) => grouped.call(item));
    await turn();
    expect(calls.map(({ items }) => items)).toEqual([['a', 'b', 'c']]);
    calls[0]?.end();
    expect(await Promise.all(answers)).toEqual(['a,b,c', 'a,b,c', 'a,b,c']);
  });

  it('begins the next call only when the one under way has ended, with all who came meanwhile', async () => {
    const { calls, grouped } = new Work();
    const first = grouped.call('a');
    await turn();
    const later = grouped.call('b');
    await turn();
    const latest = grouped.call('c');
    await turn();
    expect(calls).toHaveLength(1);
    calls[0]?.end();
    expect(await first).toBe('a');
    await turn();
    expect(calls.map(({ items }) => items)).toEqual([['a'], ['b', 'c']]);
    calls[1]?.end();
    expect(await Promise.all([later, latest])).toEqual(['b,c', 'b,c']);
  });

  it('fails for those who wait, too, without another call, and tries again for who comes then', async () => {
    const { calls, grouped } = new Work();
    const first = grouped.call('a');
    await turn();
    const waiting = grouped.call('b');
    calls[0]?.fail(new Error('away'));
    await expect(first).rejects.toThrow('away');
    await expect(waiting).rejects.toThrow('away');
    const later = grouped.call('c');
    await turn();
    expect(calls.map(({ items }) => items)).toEqual([['a'], ['c']]);
    calls[1]?.end();
    expect(await later).toBe('c');
  });

  it('tries again after a failure nobody waited behind', async () => {
    const { calls, grouped } = new Work();
    const first = grouped.call('a');
    await turn();
    calls[0]?.fail(new Error('away'));
    await expect(first).rejects.toThrow('away');
    await turn();
    const later = grouped.call('b');
    await turn();
    calls[1]?.end();
    expect(await later).toBe('b');
  });

  it('is ready again after a rest', async () => {
    const { calls, grouped } = new Work();
    for (const item of ['a', 'b']) {
      const answer = grouped.call(item);
      await turn();
      calls.at(-1)?.end();
      expect(await answer).toBe(item);
    }
    expect(calls).toHaveLength(2);
  });
});
