import { describe, expect, it } from '@jest/globals';
import type {
  IOutboxLanes,
  OutboxLaneStatus,
} from '../../../../../src/application/ports/outbox-lanes.port.js';
import { GetOutboxStatusHandler } from '../../../../../src/application/queries/get-outbox-status/get-outbox-status.handler.js';
import type {
  OutboxStatus,
  OutboxTarget,
} from '../../../../../src/application/queries/get-outbox-status/get-outbox-status.query.js';
import { earlier, NOW, outboxLane, SECOND_MS } from '../../../../support/builders.js';

const ago = (seconds: number): Date => earlier(NOW, seconds * SECOND_MS);

/** Outbox whose lanes are given; it counts every message only when asked to. */
function outboxOf(lanes: readonly OutboxLaneStatus[]): IOutboxLanes {
  return {
    readStatus: async (countUpTo) =>
      lanes.map((status) => ({ ...status, waiting: Math.min(status.waiting, countUpTo ?? Infinity) })),
  };
}

const statusOf = (
  lanes: readonly OutboxLaneStatus[],
  target: OutboxTarget = 'kafka',
): Promise<OutboxStatus> => new GetOutboxStatusHandler(outboxOf(lanes), target).execute();

describe('GetOutboxStatusHandler', () => {
  it('adds up the lanes and takes the latest of each instant', async () => {
    const lanes = [
      outboxLane(0, { waiting: 2, oldestSeconds: 30.5, publishedAt: ago(40) }),
      outboxLane(1, {
        waiting: 5,
        oldestSeconds: 125.2,
        publishedAt: ago(10),
        failures: 3,
        lastError: 'later',
        lastErrorAt: ago(1),
      }),
      outboxLane(2, { lastError: 'earlier', lastErrorAt: ago(100) }),
    ];
    expect(await statusOf(lanes)).toEqual({
      waiting: 7,
      oldestSeconds: 125.2,
      lastPublishedAt: ago(10),
      failingLanes: 1,
      lastError: { lane: 1, at: ago(1), message: 'later' },
      relayed: true,
      target: 'kafka',
      lanes,
    });
  });

  it('returns zero and nulls for an outbox that was never used', async () => {
    expect(await statusOf([outboxLane(0)], null)).toEqual({
      waiting: 0,
      oldestSeconds: null,
      lastPublishedAt: null,
      failingLanes: 0,
      lastError: null,
      relayed: false,
      target: null,
      lanes: [outboxLane(0)],
    });
  });

  it('counts every waiting message', async () => {
    expect(await statusOf([outboxLane(0, { waiting: 3_000_000, oldestSeconds: 1 })])).toMatchObject({
      waiting: 3_000_000,
    });
  });
});
