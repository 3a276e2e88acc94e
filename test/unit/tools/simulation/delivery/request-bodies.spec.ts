import { describe, expect, it } from '@jest/globals';
import {
  buildBatchBody,
  buildHeartbeatBody,
} from '../../../../../tools/simulation/delivery/request-bodies.js';
import { batches } from '../planned-crowd.js';

const STARTED_AT_MS = Date.parse('2025-03-10T12:00:00Z');

interface BatchBody {
  readonly sentAt?: number;
  readonly events: readonly Record<string, unknown>[];
}

function parseBatchBody(entry: (typeof batches)[number], nowMs = STARTED_AT_MS + 60_000): BatchBody {
  return JSON.parse(buildBatchBody(entry.device, entry.batch, STARTED_AT_MS, nowMs)) as BatchBody;
}

describe('request bodies', () => {
  it('name the user by token, by id, by both, or not at all', () => {
    const odd = batches.filter((entry) => {
      const { credentials, userId, events: planned } = entry.batch;
      const isNamed = credentials === 'id' || credentials === 'token and id';
      const good = planned.findIndex(({ defect }) => defect === undefined);
      const named = parseBatchBody(entry).events[good]!['userId'];
      return named !== (isNamed ? userId : undefined) || (credentials === 'none') !== (userId === undefined);
    });
    expect(odd).toEqual([]);
    expect(new Set(batches.map(({ batch }) => batch.credentials)).size).toBe(4);
  });

  it('carry the times of a wrong clock, and its current time as sentAt in every attempt', () => {
    const entry = batches.find(({ device }) => device.traits.has('clock wrong by hours'))!;
    const { clockErrorMs } = entry.device;
    expect(Math.abs(clockErrorMs)).toBeGreaterThan(3_600_000);
    const [early, late] = [
      parseBatchBody(entry, STARTED_AT_MS),
      parseBatchBody(entry, STARTED_AT_MS + 1_500),
    ];
    expect(early.sentAt).toBeCloseTo((STARTED_AT_MS + clockErrorMs) / 1000, 3);
    expect(late.sentAt! - early.sentAt!).toBeCloseTo(1.5, 3);
    expect(late.events).toEqual(early.events);
    const trueSeconds = (STARTED_AT_MS + entry.batch.events[0]!.atMs) / 1000;
    expect(early.events[0]!['clientTs']).toBeCloseTo(trueSeconds + clockErrorMs / 1000, 2);
    const heartbeat = JSON.parse(buildHeartbeatBody(entry.device, STARTED_AT_MS)) as { clientTs: number };
    expect(heartbeat.clientTs).toBeCloseTo((STARTED_AT_MS + clockErrorMs) / 1000, 3);
  });

  it('give an event its planned defect and leave its neighbours intact', () => {
    const odd = batches.filter((entry) =>
      parseBatchBody(entry).events.some((body, index) => {
        const faults = {
          'no install id': body['installId'] === undefined,
          'short install id': body['installId'] === 'short',
          'spaces in the name': String(body['eventName']).includes(' '),
          'timestamp in words': typeof body['clientTs'] !== 'number',
          'user id in letters': body['userId'] === 'nobody',
        };
        const found = Object.entries(faults).flatMap(([name, is]) => (is ? [name] : []));
        return found.join() !== (entry.batch.events[index]!.defect ?? '');
      }),
    );
    expect(odd).toEqual([]);
  });
});
