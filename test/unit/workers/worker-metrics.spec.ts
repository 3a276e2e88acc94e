import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';

import type { MetricsOfProcess } from '../../../src/shared/metrics/merge-metrics.js';
import { WorkerMetrics } from '../../../src/worker-metrics.js';

let errors: unknown[];

beforeEach(() => {
  errors = [];
  Logger.overrideLogger({ log: () => 0, warn: () => 0, error: (message) => errors.push(message) });
});

afterEach(() => {
  Logger.overrideLogger(false);
});

function counts(count: number): Promise<MetricsOfProcess> {
  const registry = new Registry();
  new Counter({ name: 'served_total', help: 'Requests', registers: [registry] }).inc(count);
  return registry.getMetricsAsJSON();
}

/** Counts that cannot be added up, because they lack their labels. */
async function brokenCounts(): Promise<MetricsOfProcess> {
  const values = [{ value: 1 }] as unknown as MetricsOfProcess[number]['values'];
  return (await counts(1)).map((metric) => ({ ...metric, values }));
}

describe('the metrics of workers', () => {
  it('keep the counts of ended workers when those of another one cannot be added up', async () => {
    const metrics = new WorkerMetrics(() => Promise.resolve([]));
    const ended = [await counts(2), await brokenCounts(), await counts(5)];
    for (const [worker, report] of ended.entries()) {
      metrics.add(worker, 0, report);
      metrics.end(worker);
    }
    expect(await metrics.read([], () => undefined)).toMatch(/^served_total 7$/m);
    expect(errors).toEqual(['The counts of worker 1, which has ended, are lost']);
  });

  it('can be read again after a question that failed', async () => {
    const metrics = new WorkerMetrics(() => counts(3));
    const fail = (): never => {
      throw new Error('the channel is closed');
    };
    await expect(metrics.read([1], fail)).rejects.toThrow('the channel is closed');
    expect(await metrics.read([], () => undefined)).toMatch(/^served_total 3$/m);
  });
});
