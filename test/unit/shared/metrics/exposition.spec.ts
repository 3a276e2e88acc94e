import { beforeEach, describe, expect, it } from '@jest/globals';

import { exposeMetricsOf, readMetrics } from '../../../../src/shared/metrics/exposition.js';

let renderings: number;
let failure: Error | null;

beforeEach(() => {
  renderings = 0;
  failure = null;
  exposeMetricsOf(async () => {
    if (failure !== null) throw failure;
    return `metrics_read_total ${++renderings}\n`;
  });
});

describe('readMetrics', () => {
  it('renders once for all who ask within a second, and answers the same bytes', async () => {
    const [first, second] = await Promise.all([readMetrics(0), readMetrics(0)]);
    expect(second).toBe(first);
    expect(await readMetrics(999)).toBe(first);
    expect(String(first)).toBe('metrics_read_total 1\n');
  });

  it('renders anew after a second', async () => {
    await readMetrics(0);
    expect(String(await readMetrics(1_000))).toBe('metrics_read_total 2\n');
  });

  it('keeps no failure', async () => {
    failure = new Error('The primary process could not add up the metrics');
    await expect(readMetrics(0)).rejects.toBe(failure);
    failure = null;
    expect(String(await readMetrics(1))).toBe('metrics_read_total 1\n');
  });
});
