import { describe, expect, it } from '@jest/globals';
import { Ledger } from '../../../../../tools/simulation/bookkeeping/ledger.js';
import type { Delivery } from '../../../../../tools/simulation/delivery/delivery.js';
import type { DevicePlan, PlannedBatch } from '../../../../../tools/simulation/planning/device-plan.js';

const DELIVERED: Delivery = {
  answered: true,
  mayHaveArrived: true,
  lastEndedMs: 10,
  answeredSentMs: 0,
  longestAttemptMs: 10,
};
const UNANSWERED: Delivery = { ...DELIVERED, answered: false, answeredSentMs: -Infinity };
const UNDELIVERED: Delivery = { ...UNANSWERED, mayHaveArrived: false };
const MIDNIGHT = Date.parse('2025-03-11T00:00:00+08:00');

function planSessionStart(atMs: number, clockErrorMs: number): [DevicePlan, PlannedBatch] {
  const batch: PlannedBatch = {
    dueMs: 0,
    credentials: 'none',
    includesSentAt: true,
    gzip: false,
    losses: [],
    events: [{ atMs, name: 'app_session_start', eventId: 'e' }],
  };
  const device = {
    index: 0,
    installId: 'install-0',
    clockErrorMs,
    batches: [batch],
  } as unknown as DevicePlan;
  return [device, batch];
}

describe('Ledger', () => {
  const hour = 3_600_000;

  it('books the corrected day for a clock wrong by hours and the reported day for a small error', () => {
    const ledger = new Ledger(MIDNIGHT, 2_000);
    ledger.recordBatch(...planSessionStart(-60_000, 5 * hour), DELIVERED);
    ledger.recordBatch(...planSessionStart(-60_000, 120_000), DELIVERED);
    expect(ledger.actives.expected('2025-03-10').total).toEqual({ low: 1, high: 1 });
    expect(ledger.actives.expected('2025-03-11').total).toEqual({ low: 1, high: 1 });
  });

  it('books either day as possible when the latency decides between them', () => {
    const ledger = new Ledger(MIDNIGHT, 2_000);
    ledger.recordBatch(...planSessionStart(-1_000, 5 * hour), DELIVERED);
    expect(ledger.actives.expected('2025-03-10').total).toEqual({ low: 0, high: 1 });
    expect(ledger.actives.expected('2025-03-11').total).toEqual({ low: 0, high: 1 });
  });

  it('books an unanswered batch as possible and an undelivered one as absent', () => {
    const ledger = new Ledger(MIDNIGHT, 2_000);
    ledger.recordBatch(...planSessionStart(1_000, 0), UNANSWERED);
    expect(ledger.actives.expected('2025-03-11').total).toEqual({ low: 0, high: 1 });
    expect(ledger.events.unsent).toBe(1);
    const other = new Ledger(MIDNIGHT, 2_000);
    other.recordBatch(...planSessionStart(1_000, 0), UNDELIVERED);
    expect(other.actives.days()).toEqual([]);
  });

  it('counts a user once, online for 180 s after the last accepted heartbeat', () => {
    const ledger = new Ledger(0, 0);
    ledger.recordHeartbeat('1', DELIVERED);
    ledger.recordHeartbeat('1', { ...DELIVERED, answeredSentMs: 60_000, lastEndedMs: 60_005 });
    ledger.recordHeartbeat('2', DELIVERED);
    ledger.recordHeartbeat('3', UNANSWERED);
    ledger.recordHeartbeat('4', UNDELIVERED);
    expect(ledger.onlineUsers.expected(100_000, 100_010, 180_000)).toEqual({ low: 2, high: 3 });
    expect(ledger.onlineUsers.expected(180_000, 180_010, 180_000)).toEqual({ low: 1, high: 3 });
    expect(ledger.onlineUsers.expected(200_000, 200_010, 180_000)).toEqual({ low: 1, high: 1 });
    expect(ledger.onlineUsers.expected(300_000, 300_010, 180_000)).toEqual({ low: 0, high: 0 });
  });
});
