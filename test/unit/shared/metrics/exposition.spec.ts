import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { exposeMetricsOf, readMetrics } from '../../../../src/shared/metrics/exposition.js';

const TAKES_MS = 20;

let counted: number;
let renderings: number;
let failure: Error | null;

beforeEach(() => {
  jest.useFakeTimers();
  counted = 0;
  renderings = 0;
  failure = null;
  exposeMetricsOf(async () => {
    renderings += 1;
    const text = `counted_total ${counted}\n`;
    await new Promise((resolve) => setTimeout(resolve, TAKES_MS));
    if (failure !== null) throw failure;
    return text;
  });
});

afterEach(async () => {
  // The rest after the last text is of these timers.
  await jest.advanceTimersByTimeAsync(1_000);
  jest.useRealTimers();
});

describe('readMetrics', () => {
  it('answers the same bytes to all who ask before they are read', async () => {
    const all = Promise.all([readMetrics(), readMetrics()]);
    await jest.advanceTimersByTimeAsync(TAKES_MS);
    const [first, second] = await all;
    expect(second).toBe(first);
    expect(renderings).toBe(1);
  });

  it('answers what was counted before it was asked, also while another text is read', async () => {
    const early = readMetrics();
    await jest.advanceTimersByTimeAsync(1);
    counted = 7;
    const late = readMetrics();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(String(await early)).toBe('counted_total 0\n');
    expect(String(await late)).toBe('counted_total 7\n');
  });

  it('reads for a tenth of the time, however many ask', async () => {
    let answered = 0;
    for (let elapsedMs = 0; elapsedMs < 10_000; elapsedMs += 10) {
      void readMetrics().then(() => (answered += 1));
      await jest.advanceTimersByTimeAsync(10);
    }
    await jest.advanceTimersByTimeAsync(1_000);
    expect(renderings * TAKES_MS).toBeLessThanOrEqual(1_000 + TAKES_MS);
    expect(answered).toBe(1_000);
  });

  it('tells a failure to those who asked before it, and reads again for the next', async () => {
    failure = new Error('The primary process could not add up the metrics');
    const told = expect(readMetrics()).rejects.toBe(failure);
    await jest.advanceTimersByTimeAsync(TAKES_MS);
    await told;
    failure = null;
    const text = readMetrics();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(String(await text)).toBe('counted_total 0\n');
  });
});
