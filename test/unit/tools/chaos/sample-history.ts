import type { AppliedFault, History, Operation } from '../../../../tools/chaos/history/history.js';
import type { ChaosOptions } from '../../../../tools/chaos/options.js';

export const WALL_MS = Date.UTC(2026, 10, 27, 4);
export const DAY = '2026-11-27';
export const EVENT_ID = '019ab2d4-5c11-4e7a-9d0f-3f2f6c1f7a55';

export const CHAOS_OPTIONS: ChaosOptions = {
  ...{
    seed: '1',
    durationMs: 60_000,
    kinds: ['redis.freeze'],
    only: undefined,
    stores: [],
    atOnce: 3,
    replicas: 1,
    devices: 10,
  },
  ...{ speed: 4, calmMs: 0, directory: '.data/chaos' },
};

/** Times within a run that are easy to tell apart. */
export function eventOf(eventId = EVENT_ID, change: Readonly<Record<string, unknown>> = {}) {
  return {
    eventName: 'app_session_start',
    installId: 'phone-1',
    clientTs: WALL_MS / 1000,
    properties: { province: '广东省', city: '广州市' },
    eventId,
    ...change,
  };
}

export function operationOf(change: Partial<Operation> = {}): Operation {
  return {
    atMs: 1_000,
    tookMs: 20,
    wallMs: WALL_MS,
    replica: 0,
    client: 'device',
    path: '/analytics/events',
    user: '7',
    events: [eventOf()],
    status: 200,
    hasRetryAfter: false,
    answer: { accepted: 1, duplicates: 0, failed: 0 },
    ...change,
  };
}

export function probeOf(path: string, atMs: number, change: Partial<Operation> = {}): Operation {
  return {
    atMs,
    tookMs: 5,
    wallMs: WALL_MS + atMs,
    replica: 0,
    client: 'probe',
    path,
    status: 200,
    ...change,
  };
}

/** A probe whose request ended without an answer. */
export function unansweredProbe(path: string, atMs: number, change: Partial<Operation> = {}): Operation {
  return unanswered(probeOf(path, atMs, { reason: 'timeout', tookMs: 10_000, ...change }));
}

export function unanswered(operation: Operation): Operation {
  const rest: { status?: number } = { ...operation };
  delete rest.status;
  return rest as Operation;
}

export function faultOf(change: Partial<AppliedFault> = {}): AppliedFault {
  return {
    id: 0,
    round: 0,
    kind: 'redis.freeze',
    startMs: 5_000,
    durationMs: 5_000,
    appliedMs: 5_000,
    healedMs: 10_000,
    ...change,
  };
}

export function storedOf(eventId = EVENT_ID, change: Partial<History['final']['stored'][number]> = {}) {
  return {
    eventId,
    eventMs: WALL_MS,
    userId: '7',
    installId: 'phone-1',
    eventName: 'app_session_start',
    properties: { province: '广东省', city: '广州市' },
    ...change,
  };
}

/** Returns the history of a run without a fault of the service: one event, stored, counted and published. */
export function historyOf(
  change: Partial<Omit<History, 'final'>> = {},
  final: Partial<History['final']> = {},
): History {
  return {
    seed: '1',
    replicas: 1,
    loadMs: 60_000,
    plan: change.faults ?? [],
    faults: [],
    operations: [operationOf()],
    exits: [{ atMs: 70_000, replica: 0, code: 0, asked: 'SIGTERM', hadStarted: true, lastLines: [] }],
    outbox: [],
    accounts: [],
    machine: [{ atMs: 5_000, loadPerCpu: 0.5, longestDelayMs: 20 }],
    memory: [{ atMs: 5_000, replica: 0, pid: 1, residentBytes: 2e8, heapBytes: 6e7 }],
    logs: [{ replica: 0, lines: 10, busiestMinute: 5, mostFrequent: '' }],
    delivery: [{ verdict: 'right', name: 'every batch delivered', detail: '1 of 1 batches', samples: [] }],
    ...change,
    final: {
      stored: [storedOf()],
      published: [
        { partition: 0, offset: 3, key: 'analytics.session.started', eventId: EVENT_ID },
        // A repeat is allowed.
        { partition: 0, offset: 4, key: 'analytics.session.started', eventId: EVENT_ID },
      ],
      outboxLeft: 0,
      days: [{ day: DAY, dauCount: 1, byProvince: { 广东省: 1 }, byCity: { 广州市: 1 } }],
      live: { day: DAY, dauCount: 1, standardError: 0.0081 },
      online: { count: 0, windowSeconds: 180, sentMs: 250_000, answeredMs: 250_010 },
      audit: { exitCode: 0, output: 'No drift in 8 days.' },
      statistics: [{ day: DAY, dauCount: 1, version: 1 }],
      calculated: [{ day: DAY, dauCount: 1, version: 1 }],
      spans: spansOf(1),
      deadLetters: [],
      ...final,
    },
  };
}

/** Returns the figures over the one day of a history with that many identities. */
function spansOf(count: number): History['final']['spans'] {
  const figures = { day: DAY, dauCount: count };
  const none = { returningCount: 0, resurrectedCount: 0, dormantCount: 0 };
  return {
    spans: [{ startDate: DAY, endDate: DAY, activeCount: count, newCount: count, returningCount: 0 }],
    rolling: { window: 3, data: [{ ...figures, activeCount: count }] },
    lifecycle: [{ ...figures, ...none, newCount: count }],
    retention: [{ cohort: 'new', data: [{ day: DAY, cohortSize: count, retained: [] }] }],
  };
}
