import { describe, expect, it } from '@jest/globals';

import { GroupedCalls } from '../../../../src/infrastructure/redis/grouped-calls.js';

/** Work whose calls stay in flight until the test ends them. */
class ControlledWork {
  readonly calls: {
    readonly args: readonly string[];
    readonly end: () => void;
    readonly fail: (e: Error) => void;
  }[] = [];
  readonly grouped = new GroupedCalls<string, string>(
    (args) =>
      new Promise((resolve, reject) => {
        this.calls.push({ args, end: () => resolve(args.join()), fail: reject });
      }),
  );
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('GroupedCalls', () => {
  it('makes one call for callers of the same turn', async () => {
    const { calls, grouped } = new ControlledWork();
    const results = ['a', 'b', 'c'].map((argument) => grouped.call(argument));
    await turn();
    expect(calls.map(({ args }) => args)).toEqual([['a', 'b', 'c']]);
    calls[0]?.end();
    expect(await Promise.all(results)).toEqual(['a,b,c', 'a,b,c', 'a,b,c']);
  });

  it('starts the next call when the one in flight has ended, for all callers that arrived meanwhile', async () => {
    const { calls, grouped } = new ControlledWork();
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
    expect(calls.map(({ args }) => args)).toEqual([['a'], ['b', 'c']]);
    calls[1]?.end();
    expect(await Promise.all([later, latest])).toEqual(['b,c', 'b,c']);
  });

  it('rejects waiting callers without another call after a failure, and calls again for later callers', async () => {
    const { calls, grouped } = new ControlledWork();
    const first = grouped.call('a');
    await turn();
    const waiting = grouped.call('b');
    calls[0]?.fail(new Error('unavailable'));
    await expect(first).rejects.toThrow('unavailable');
    await expect(waiting).rejects.toThrow('unavailable');
    const later = grouped.call('c');
    await turn();
    expect(calls.map(({ args }) => args)).toEqual([['a'], ['c']]);
    calls[1]?.end();
    expect(await later).toBe('c');
  });

  it('calls again after a failure without waiting callers', async () => {
    const { calls, grouped } = new ControlledWork();
    const first = grouped.call('a');
    await turn();
    calls[0]?.fail(new Error('unavailable'));
    await expect(first).rejects.toThrow('unavailable');
    await turn();
    const later = grouped.call('b');
    await turn();
    calls[1]?.end();
    expect(await later).toBe('b');
  });

  it('calls again after it was idle', async () => {
    const { calls, grouped } = new ControlledWork();
    for (const argument of ['a', 'b']) {
      const result = grouped.call(argument);
      await turn();
      calls.at(-1)?.end();
      expect(await result).toBe(argument);
    }
    expect(calls).toHaveLength(2);
  });
});
