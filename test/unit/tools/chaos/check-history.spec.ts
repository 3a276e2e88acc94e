import { describe, expect, it } from '@jest/globals';
import { checkHistory } from '../../../../tools/chaos/checkers/check-history.js';
import type { History, Operation } from '../../../../tools/chaos/history/history.js';
import {
  DAY,
  EVENT_ID,
  eventOf,
  faultOf,
  historyOf,
  operationOf,
  probeOf,
  storedOf,
  unansweredProbe,
  WALL_MS,
} from './sample-history.js';

const SECOND_ID = '0d4f3c1a-8a53-4e0c-8f3e-0a5b7c9d1e2f';
const REJECTED = { accepted: 0, duplicates: 0, failed: 1, rejected: [{ index: 0, code: 'event_invalid' }] };
const SESSION = 'analytics.session.started';
const HEARTBEAT = '/presence/heartbeat';
/** A calm that a hanging request may outlast. */
const SHORT_LOAD_MS = 24_000;
const ACCOUNT = { userId: '9', occurredMs: WALL_MS, isAcknowledged: true };

/** The row of the account. */
function accountRow(change: Parameters<typeof storedOf>[1] = {}) {
  const fields = { eventName: 'user_account_created', userId: '9', installId: 'identity-service' };
  return storedOf(SECOND_ID, { ...fields, properties: null, ...change });
}

function verdictOf(history: History, check: string): string | undefined {
  return checkHistory(history).find(({ name }) => name === check)?.verdict;
}

/** Returns the names of the checks that do not hold. */
function failedChecks(history: History): string[] {
  return checkHistory(history).flatMap(({ verdict, name }) => (verdict === 'wrong' ? [name] : []));
}

describe('checkHistory', () => {
  it('finds nothing in a run without a fault of the service', () => {
    expect(failedChecks(historyOf())).toEqual([]);
    const calm = [15, 16, 17].flatMap((second) =>
      ['/analytics/events', '/presence/heartbeat', '/health/ready'].map((path) =>
        probeOf(path, second * 1000),
      ),
    );
    const unavailable = probeOf('/presence/heartbeat', 12_000, { status: 503, hasRetryAfter: true });
    const faults = [faultOf()];
    expect(failedChecks(historyOf({ faults, operations: [operationOf(), unavailable, ...calm] }))).toEqual(
      [],
    );
  });

  it.each<[commits: string, history: History, check: string]>([
    [
      'loses an acknowledged event',
      historyOf(
        {},
        { stored: [], published: [], days: [], live: { day: DAY, dauCount: 0, standardError: 0 } },
      ),
      'every acknowledged event is stored',
    ],
    [
      'stores an event twice',
      historyOf({}, { stored: [storedOf(), storedOf()] }),
      'no event is stored twice',
    ],
    [
      'stores a rejected event',
      historyOf({ operations: [operationOf({ answer: REJECTED })] }),
      'nothing rejected is stored',
    ],
    [
      'stores an event that nobody sent',
      historyOf({ operations: [] }),
      'nothing is stored that was not sent',
    ],
    [
      'stores another install',
      historyOf({}, { stored: [storedOf(EVENT_ID, { installId: 'phone-2' })] }),
      'every stored event has its fields',
    ],
    [
      'forgets the user of the token',
      historyOf({}, { stored: [storedOf(EVENT_ID, { userId: null })] }),
      'every stored event has its fields',
    ],
    [
      'changes a property',
      historyOf({}, { stored: [storedOf(EVENT_ID, { properties: { province: '广东省', city: '深圳市' } })] }),
      'every stored event has its fields',
    ],
    [
      'moves the time of an event of a right clock',
      historyOf(
        {
          operations: [operationOf({ sentAt: WALL_MS / 1000 })],
        },
        { stored: [storedOf(EVENT_ID, { eventMs: WALL_MS + 3_600_000 })] },
      ),
      'every stored event has its fields',
    ],
    [
      'leaves the time of an event of a wrong clock',
      historyOf({
        operations: [operationOf({ sentAt: WALL_MS / 1000 - 7_200 })],
      }),
      'every stored event has its fields',
    ],
    [
      'does not record an account',
      historyOf({ accounts: [{ userId: '9', isAcknowledged: true }] }),
      'every account is recorded once',
    ],
    [
      'records an account twice',
      historyOf(
        { accounts: [{ userId: '9', isAcknowledged: true }] },
        { stored: ['a', 'b'].map((id) => storedOf(id, { eventName: 'user_account_created', userId: '9' })) },
      ),
      'every account is recorded once',
    ],
    [
      'records an account that nobody announced',
      historyOf({}, { stored: [storedOf(), accountRow()] }),
      'nothing is stored that was not sent',
    ],
    [
      'moves the time of an account',
      historyOf(
        { accounts: [ACCOUNT] },
        { stored: [storedOf(), accountRow({ eventMs: WALL_MS + 3_600_000 })] },
      ),
      'every stored event has its fields',
    ],
    [
      'gives an account a place',
      historyOf(
        { accounts: [ACCOUNT] },
        { stored: [storedOf(), accountRow({ properties: { city: '广州市' } })] },
      ),
      'every stored event has its fields',
    ],
    [
      'counts an active too many',
      historyOf({}, { days: [{ day: DAY, dauCount: 2, byProvince: { 广东省: 1 }, byCity: { 广州市: 1 } }] }),
      'DAU equals the model',
    ],
    [
      'counts an active in another place',
      historyOf({}, { days: [{ day: DAY, dauCount: 1, byProvince: { 湖南省: 1 }, byCity: { 广州市: 1 } }] }),
      'DAU equals the model',
    ],
    ['has no figures of a day', historyOf({}, { days: [] }), 'DAU equals the model'],
    [
      'has lost live DAU',
      historyOf({}, { live: { day: DAY, dauCount: 40, standardError: 0.0081 } }),
      'live DAU lies within its error',
    ],
    [
      'drifts apart',
      historyOf({}, { audit: { exitCode: 1, output: `${DAY}\n  drift: live DAU says 3, the log 9` } }),
      'audit is clean',
    ],
    ['publishes too little', historyOf({}, { published: [] }), 'every stored session is published'],
    ['leaves messages in the outbox', historyOf({}, { outboxLeft: 3 }), 'every stored session is published'],
    [
      'publishes what is not stored',
      historyOf(
        {},
        {
          published: [EVENT_ID, SECOND_ID].map((eventId, offset) => ({
            partition: 0,
            offset,
            key: SESSION,
            eventId,
          })),
        },
      ),
      'no session is published that is not stored',
    ],
    ['publishes out of order', twoSessions([0, 5], [0, 2]), 'sessions of a subject are published in order'],
    ['spreads a subject', twoSessions([0, 1], [1, 2]), 'sessions of a subject are published in order'],
    [
      'keeps a user online for too long',
      historyOf({}, { online: { count: 1, windowSeconds: 180, sentMs: 250_000, answeredMs: 250_010 } }),
      'online count is right one window later',
    ],
    [
      'loses an online user',
      historyOf({ operations: [operationOf(), probeOf('/presence/heartbeat', 200_000, { user: '7' })] }),
      'online count is right one window later',
    ],
    [
      'answers 500',
      historyOf({ operations: [operationOf(), probeOf('/presence/heartbeat', 1_000, { status: 500 })] }),
      'a failed request gets 503 with Retry-After',
    ],
    [
      'answers 503 without Retry-After',
      historyOf({ operations: [operationOf(), probeOf('/presence/heartbeat', 1_000, { status: 503 })] }),
      'a failed request gets 503 with Retry-After',
    ],
    [
      'answers late',
      historyOf({ operations: [operationOf({ tookMs: 4_600 })] }),
      'every answer comes within 2.5 s',
    ],
    [
      'does not recover',
      historyOf({
        faults: [faultOf()],
        operations: [
          operationOf(),
          probeOf('/presence/heartbeat', 21_000, { status: 503, hasRetryAfter: true }),
        ],
      }),
      'service recovers within 10 s',
    ],
    [
      'hangs after the heal',
      historyOf({
        ...{ faults: [faultOf()], loadMs: SHORT_LOAD_MS },
        operations: [operationOf(), unansweredProbe(HEARTBEAT, 10_500)],
      }),
      'service recovers within 10 s',
    ],
    [
      'still hangs when the calm ends',
      historyOf({
        ...{ faults: [faultOf()], loadMs: SHORT_LOAD_MS },
        operations: [operationOf(), probeOf(HEARTBEAT, 10_500), unansweredProbe(HEARTBEAT, 20_000)],
      }),
      'service recovers within 10 s',
    ],
    [
      'resets a connection',
      historyOf({
        operations: [operationOf(), unansweredProbe(HEARTBEAT, 1_000, { reason: 'ECONNRESET', tookMs: 5 })],
      }),
      'a running replica answers every request',
    ],
    [
      'lets the outbox stand still',
      historyOf({ faults: [faultOf()], outbox: [{ atMs: 22_000, messages: 5, oldestMs: 12_000 }] }),
      'outbox moves again within 10 s',
    ],
    [
      'calls itself ready while no event can be stored',
      historyOf({
        operations: [
          operationOf(),
          probeOf('/analytics/events', 2_000, { status: 503, hasRetryAfter: true }),
          probeOf('/health/ready', 9_000, { answer: { status: 'ok' } }),
          probeOf('/analytics/events', 9_500, { status: 503, hasRetryAfter: true }),
        ],
      }),
      'readiness tells the truth',
    ],
    [
      'crashes',
      historyOf({
        exits: [{ atMs: 5_000, replica: 0, code: 1, asked: null, hadStarted: true, lastLines: ['Uncaught'] }],
      }),
      'no replica ends by itself',
    ],
    [
      'ends with 1 on SIGTERM',
      historyOf({
        exits: [{ atMs: 5_000, replica: 0, code: 1, asked: 'SIGTERM', hadStarted: true, lastLines: [] }],
      }),
      'SIGTERM ends a replica with exit code 0',
    ],
    [
      'floods the log',
      historyOf({ logs: [{ replica: 0, lines: 9_000, busiestMinute: 8_000, mostFrequent: '"x" × 8000' }] }),
      'log lines are bounded',
    ],
    [
      'cannot be broken by the run',
      historyOf({ faults: [faultOf({ error: 'ENOENT' })] }),
      'every fault was applied and healed',
    ],
  ])('finds a service that %s', (_commits, history, check) => {
    expect(failedChecks(history)).toContain(check);
  });

  it('excuses a late answer of a frozen replica, and a start that fails while a fault lasts', () => {
    const faults = [faultOf({ kind: 'replica.freeze', replica: 0 })];
    const late = operationOf({ atMs: 6_000, tookMs: 4_100 });
    expect(failedChecks(historyOf({ faults, operations: [late] }))).toEqual([]);
    const exit = { atMs: 8_000, replica: 0, code: 1, asked: null, hadStarted: false, lastLines: [] };
    expect(failedChecks(historyOf({ faults, exits: [exit] }))).toEqual([]);
  });

  it('excuses a connection that breaks with its process, and none that breaks with a store', () => {
    const check = 'a running replica answers every request';
    const refused = { reason: 'ECONNREFUSED', tookMs: 1 };
    const operations = [9_900, 14_900].map((atMs) => unansweredProbe(HEARTBEAT, atMs, refused));
    const crash = { atMs: 10_000, replica: 0, code: 1, asked: null, hadStarted: true, lastLines: [] };
    const kill = faultOf({ kind: 'replica.kill', replica: 0 });
    expect(verdictOf(historyOf({ operations, exits: [crash] }), check)).toBe('right');
    expect(verdictOf(historyOf({ operations, faults: [kill] }), check)).toBe('right');
    const serving = [...operations, probeOf(HEARTBEAT, 14_000)];
    expect(verdictOf(historyOf({ operations: serving, exits: [crash] }), check)).toBe('wrong');
    expect(verdictOf(historyOf({ operations: serving, faults: [kill] }), check)).toBe('wrong');
    expect(verdictOf(historyOf({ operations, faults: [{ ...kill, replica: 1 }] }), check)).toBe('wrong');
    expect(verdictOf(historyOf({ operations, faults: [faultOf()] }), check)).toBe('wrong');
  });

  it.each<[check: string, judged: Partial<History>, unjudged: Partial<History>]>([
    [
      'service recovers within 10 s',
      { faults: [faultOf()], operations: [operationOf(), probeOf(HEARTBEAT, 12_000)] },
      { faults: [faultOf()] },
    ],
    [
      'service recovers within 10 s',
      { faults: [faultOf()], operations: [unavailable(12_000), probeOf(HEARTBEAT, 12_500)], loadMs: 15_000 },
      { faults: [faultOf()], operations: [unavailable(12_000)], loadMs: 15_000 },
    ],
    [
      'outbox moves again within 10 s',
      { faults: [faultOf()], outbox: [{ atMs: 21_000, messages: 0, oldestMs: 0 }] },
      { faults: [faultOf()], outbox: [{ atMs: 19_000, messages: 0, oldestMs: 0 }] },
    ],
    ['memory is flat', { memory: livingFor(200_000) }, { memory: livingFor(170_000) }],
    [
      'every fault was applied and healed',
      { faults: [faultOf()], plan: [faultOf()] },
      { faults: [faultOf()], plan: [faultOf(), faultOf({ id: 1, round: 1 })] },
    ],
  ])('%s: stays open when it was not observed', (check, judged, unjudged) => {
    expect(verdictOf(historyOf(judged), check)).toBe('right');
    expect(verdictOf(historyOf(unjudged), check)).toBe('open');
  });

  it('tells how many planned faults were applied', () => {
    const faults = [faultOf(), faultOf({ id: 1, error: 'ENOENT' })];
    const plan = [...faults, faultOf({ id: 2, round: 1, kind: 'redis.empty' })];
    const check = checkHistory(historyOf({ faults, plan })).find(({ name }) =>
      name.startsWith('every fault'),
    );
    expect(check?.detail).toBe('1 found, 1 of 3 planned; left out: redis.empty');
  });

  it('keeps the verdict of the devices', () => {
    const delivery = [{ verdict: 'wrong', name: 'every batch delivered', detail: '', samples: [] }] as const;
    expect(failedChecks(historyOf({ delivery }))).toEqual(['every batch delivered']);
  });

  it('expects heartbeats from before the last fault to count or not, and later ones to count', () => {
    const operations = [
      probeOf('/presence/heartbeat', 205_000, { user: '7' }),
      probeOf('/presence/heartbeat', 245_000, { user: '8' }),
    ];
    const faults = [faultOf({ appliedMs: 235_000, healedMs: 240_000 })];
    const verdicts = [0, 1, 2, 3].map((count) => {
      const online = { count, windowSeconds: 180, sentMs: 250_000, answeredMs: 250_010 };
      const history = historyOf({ faults, operations: [operationOf(), ...operations] }, { online });
      return checkHistory(history).find(({ name }) => name.startsWith('online'))?.verdict;
    });
    expect(verdicts).toEqual(['wrong', 'right', 'right', 'wrong']);
  });

  it('leaves open what is late by the delay of the machine alone', () => {
    const late = operationOf({ atMs: 3_000, tookMs: 3_400 });
    const verdictWith = (waitedMs: number): string | undefined => {
      const machine = [2_900, 4_000, 5_000, 6_000, 7_000].map((atMs) => ({
        ...{ atMs, loadPerCpu: 1, longestDelayMs: 0, waitedMs: [waitedMs, 0] },
      }));
      return checkHistory(historyOf({ machine, operations: [late] })).find(({ name }) =>
        name.includes('2.5 s'),
      )?.verdict;
    };
    expect([verdictWith(0), verdictWith(50), verdictWith(300)]).toEqual(['wrong', 'wrong', 'open']);
  });

  it('says that findings about time prove little on a starved machine', () => {
    const history = historyOf({ machine: [{ atMs: 1, loadPerCpu: 8, longestDelayMs: 20 }] });
    expect(verdictOf(history, 'the machine keeps up')).toBe('open');
  });

  it('accepts the corrected time of an event of a wrong clock', () => {
    const sentAt = WALL_MS / 1000 - 7_200;
    const event = eventOf(EVENT_ID, { clientTs: sentAt - 10 });
    const operations = [operationOf({ sentAt, events: [event] })];
    const stored = [storedOf(EVENT_ID, { eventMs: WALL_MS - 9_990 })];
    expect(failedChecks(historyOf({ operations }, { stored }))).toEqual([]);
  });
});

function unavailable(atMs: number): Operation {
  return probeOf(HEARTBEAT, atMs, { status: 503, hasRetryAfter: true });
}

function livingFor(ms: number): History['memory'] {
  return Array.from({ length: ms / 5_000 + 1 }, (_, turn) => ({
    ...{ atMs: turn * 5_000, replica: 0, pid: 1, residentBytes: 2e8, heapBytes: 6e7 },
  }));
}

/** Returns a run of two sessions of one user, one after the other, at these places of the topic. */
function twoSessions(partitions: readonly [number, number], offsets: readonly [number, number]): History {
  const ids = [EVENT_ID, SECOND_ID] as const;
  return historyOf(
    { operations: ids.map((id, turn) => operationOf({ atMs: turn * 10_000, events: [eventOf(id)] })) },
    {
      stored: ids.map((id) => storedOf(id)),
      // The second session has the lower offset.
      published: ids.map((eventId, turn) => ({
        partition: partitions[0] === 0 && partitions[1] === 5 ? 0 : turn,
        offset: offsets[1 - turn] ?? 0,
        key: SESSION,
        eventId,
      })),
    },
  );
}
