import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { WorkerWatch } from '../../../src/worker-watch.js';

const LIMITS = { turnMs: 1_000, turns: 3 };

let silent: string[];
let watch: WorkerWatch<string>;

beforeEach(() => {
  jest.useFakeTimers();
  silent = [];
  watch = new WorkerWatch<string>((worker) => silent.push(worker), LIMITS);
});

afterEach(() => {
  watch.stop();
  jest.useRealTimers();
});

const pass = (turns: number): void => {
  jest.advanceTimersByTime(turns * LIMITS.turnMs);
};

describe('the watch of workers', () => {
  it('reports a silent worker once, and no one before its first sign of life', () => {
    watch.hear('a');
    pass(2);
    expect(silent).toEqual([]);
    pass(10);
    expect(silent).toEqual(['a']);
  });

  it('begins anew with each sign of life', () => {
    for (let turn = 0; turn < 10; turn++) {
      watch.hear('a');
      pass(2);
    }
    expect(silent).toEqual([]);
  });

  it('forgets a worker that has ended', () => {
    watch.hear('a');
    watch.forget('a');
    pass(10);
    expect(silent).toEqual([]);
  });

  it('counts a sleep of the whole machine as one turn', () => {
    watch.hear('a');
    const beforeSleep = Date.now();
    jest.setSystemTime(beforeSleep + 3_600_000);
    pass(1);
    expect(silent).toEqual([]);
  });
});
