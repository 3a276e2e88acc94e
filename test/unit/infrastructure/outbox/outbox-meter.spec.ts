import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { OutboxLaneStatus } from '../../../../src/application/ports/outbox-lanes.port.js';
import { OutboxMeter } from '../../../../src/infrastructure/outbox/outbox-meter.js';
import { outboxLane } from '../../../support/builders.js';
import { outboxOldestSeconds, outboxWaitingRows } from '../../../../src/shared/metrics/metrics.js';

Logger.overrideLogger(false);

let recoveries: number;

beforeEach(() => {
  recoveries = 0;
});

/** Measures once and returns both metrics. */
async function measure(readStatus: () => Promise<OutboxLaneStatus[]>): Promise<(number | undefined)[]> {
  const meter = new OutboxMeter({ readStatus }, () => recoveries++);
  meter.start();
  await meter.stop();
  const [waiting, oldest] = [await outboxWaitingRows.get(), await outboxOldestSeconds.get()];
  return [waiting.values[0]?.value, oldest.values[0]?.value];
}

describe('OutboxMeter', () => {
  it('publishes the sum of waiting messages and the age of the oldest', async () => {
    const lanes = [
      outboxLane(0, { waiting: 3, oldestSeconds: 12.5 }),
      outboxLane(1, { waiting: 4, oldestSeconds: 2 }),
      outboxLane(2),
    ];
    expect(await measure(async () => lanes)).toEqual([7, 12.5]);
  });

  it('publishes zero for an empty outbox', async () => {
    expect(await measure(async () => [outboxLane(0), outboxLane(1)])).toEqual([0, 0]);
  });

  it('publishes no number while the database is unavailable', async () => {
    expect(await measure(() => Promise.reject(new Error('refused')))).toEqual([NaN, NaN]);
    expect(recoveries).toBe(0);
  });

  it('reports the recovery when no lane fails any more', async () => {
    await measure(async () => [outboxLane(0, { failures: 1 }), outboxLane(1)]);
    expect(recoveries).toBe(0);
    await measure(async () => [outboxLane(0), outboxLane(1)]);
    expect(recoveries).toBe(1);
  });
});
