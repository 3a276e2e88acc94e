import { beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { FreshGauge } from '../../../../src/shared/metrics/fresh-gauge.js';

describe('FreshGauge', () => {
  let nowMs: number;
  let registry: Registry;

  beforeEach(() => {
    nowMs = 0;
    registry = new Registry();
  });

  const gaugeOf = (label?: string | readonly string[]) =>
    new FreshGauge(
      { name: 'figure', help: 'A figure', maxAgeMs: 1_000, registry, ...(label !== undefined && { label }) },
      () => nowMs,
    );
  const lines = async () =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith('figure'));

  it('says NaN, not 0, before its first value', async () => {
    gaugeOf();
    expect(await lines()).toEqual(['figure Nan']);
  });

  it('says NaN again when its last value is too old', async () => {
    const gauge = gaugeOf();
    gauge.set(7);
    nowMs = 999;
    expect(await lines()).toEqual(['figure 7']);
    nowMs = 1_000;
    expect(await lines()).toEqual(['figure Nan']);
    gauge.set(8);
    expect(await lines()).toEqual(['figure 8']);
  });

  it('says NaN earlier when the value holds for less', async () => {
    gaugeOf().set(7, { forMs: 10 });
    nowMs = 10;
    expect(await lines()).toEqual(['figure Nan']);
  });

  it('keeps apart the series of several labels, with the age of each', async () => {
    const gauge = gaugeOf(['of', 'day']);
    gauge.announce(['a', 'today']);
    gauge.set(1, { of: ['a', 'yesterday'], forMs: 10 });
    gauge.set(2, { of: ['b', 'today'] });
    nowMs = 10;
    expect(await lines()).toEqual([
      'figure{of="a",day="today"} Nan',
      'figure{of="a",day="yesterday"} Nan',
      'figure{of="b",day="today"} 2',
    ]);
  });

  it('has no other series than those that replaced all, and ends them when they are too old', async () => {
    const gauge = gaugeOf('of');
    gauge.replace([
      { of: 'a', value: 1 },
      { of: 'b', value: 2 },
    ]);
    gauge.replace([
      { of: 'b', value: 3 },
      { of: 'c', value: 4 },
    ]);
    expect(await lines()).toEqual(['figure{of="b"} 3', 'figure{of="c"} 4']);
    nowMs = 1_000;
    expect(await lines()).toEqual([]);
  });

  it('keeps the age of each series', async () => {
    const gauge = gaugeOf('of');
    gauge.announce('a');
    gauge.set(1, { of: 'b' });
    nowMs = 600;
    gauge.set(0, { of: 'c' });
    expect(await lines()).toEqual(['figure{of="a"} Nan', 'figure{of="b"} 1', 'figure{of="c"} 0']);
    nowMs = 1_200;
    expect(await lines()).toEqual(['figure{of="a"} Nan', 'figure{of="b"} Nan', 'figure{of="c"} 0']);
  });
});
