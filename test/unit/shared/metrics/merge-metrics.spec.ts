import { describe, expect, it } from '@jest/globals';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

import {
  mergeEnded,
  mergeMetrics,
  type MetricsOfProcess,
} from '../../../../src/shared/metrics/merge-metrics.js';
import { WorkerMetrics } from '../../../../src/worker-metrics.js';

interface Values {
  readonly requests: number;
  readonly waiting: number;
  readonly seconds?: readonly number[];
  readonly connections?: number;
}

/** Metrics of a process: a counter, a histogram, a gauge of each process, and a figure that each process reads. */
async function processOf({
  requests,
  waiting,
  seconds = [],
  connections = 1,
}: Values): Promise<MetricsOfProcess> {
  const registers = [new Registry()];
  new Counter({ name: 'requests_total', help: 'Requests', labelNames: ['route'], registers }).inc(
    { route: '/a' },
    requests,
  );
  const histogram = new Histogram({ name: 'seconds', help: 'Seconds', buckets: [1], registers });
  for (const each of seconds) histogram.observe(each);
  new Gauge({ name: 'connections', help: 'Connections', registers }).set(connections);
  new Gauge({ name: 'waiting', help: 'Waiting', aggregator: 'max', registers }).set(waiting);
  return registers[0]!.getMetricsAsJSON();
}

const samples = (text: string): string[] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('the metrics of several processes', () => {
  it('are added up, and figures that each process reads are not', async () => {
    const text = await mergeMetrics([
      await processOf({ requests: 3, waiting: 7, seconds: [0.5, 2], connections: 4 }),
      await processOf({ requests: 4, waiting: 7, seconds: [0.5], connections: 5 }),
    ]);
    expect(samples(text)).toEqual([
      'requests_total{route="/a"} 7',
      'seconds_bucket{le="1"} 2',
      'seconds_bucket{le="+Inf"} 3',
      'seconds_sum 3',
      'seconds_count 3',
      'connections 9',
      'waiting 7',
    ]);
  });

  it('show a figure that one process knows, and NaN where none does', async () => {
    const unknown = await processOf({ requests: 0, waiting: NaN });
    const known = await processOf({ requests: 0, waiting: 7 });
    expect(samples(await mergeMetrics([unknown, known, unknown]))).toContain('waiting 7');
    expect(samples(await mergeMetrics([unknown, unknown]))).toContain('waiting Nan');
  });

  it('keep the counts of ended processes without their gauges', async () => {
    const first = await mergeEnded([[], await processOf({ requests: 3, waiting: 7, seconds: [0.5] })]);
    const both = await mergeEnded([first, await processOf({ requests: 4, waiting: 7, seconds: [2] })]);
    const text = await mergeMetrics([both, await processOf({ requests: 1, waiting: 2 })]);
    expect(samples(text)).toEqual([
      'requests_total{route="/a"} 8',
      'seconds_bucket{le="1"} 1',
      'seconds_bucket{le="+Inf"} 2',
      'seconds_sum 2.5',
      'seconds_count 2',
      'connections 1',
      'waiting 2',
    ]);
  });
});

describe('the metrics of workers', () => {
  it('never fall when a worker ends', async () => {
    const metrics = new WorkerMetrics(() => Promise.resolve([]));
    const reports = [
      await processOf({ requests: 3, waiting: 1 }),
      await processOf({ requests: 4, waiting: 1 }),
    ];
    const answer = (worker: number, request: number): void => {
      metrics.add(worker, request, reports[worker]!);
    };
    expect(samples(await metrics.read([0, 1], answer))).toContain('requests_total{route="/a"} 7');
    metrics.end(0);
    expect(samples(await metrics.read([1], answer))).toContain('requests_total{route="/a"} 7');
  });

  it('do not wait for a worker that ends while it is asked', async () => {
    const metrics = new WorkerMetrics(() => Promise.resolve([]));
    const report = await processOf({ requests: 3, waiting: 1 });
    const text = await metrics.read([0, 1], (worker, request) => {
      if (worker === 0) metrics.add(worker, request, report);
      else metrics.end(worker);
    });
    expect(samples(text)).toContain('requests_total{route="/a"} 3');
  });
});
