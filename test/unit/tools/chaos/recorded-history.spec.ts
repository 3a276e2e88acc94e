import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { checkHistory } from '../../../../tools/chaos/checkers/check-history.js';
import { indexEvents } from '../../../../tools/chaos/checkers/event-index.js';
import { groupBy } from '../../../../tools/chaos/checkers/group-by.js';
import { readHistory } from '../../../../tools/chaos/history/history-file.js';
import type {
  FinalState,
  History,
  Operation,
  PublishedRecord,
  StoredEvent,
} from '../../../../tools/chaos/history/history.js';
import { unanswered } from './sample-history.js';

/** Half a minute of `npm run chaos` in which every check holds. */
const PATH = fileURLToPath(new URL('../../../fixtures/chaos/history.jsonl.gz', import.meta.url));
/** Nothing is excused by the machine that recorded it. */
const RECORDED: History = { ...readHistory(PATH), machine: [] };
const { stored, published } = RECORDED.final;
const SESSION = 'app_session_start';
const ACCOUNT = 'user_account_created';
const MIB = 1_048_576;

/** An event that no figure depends on. */
const plainEvent = find(stored, ({ eventName }) => eventName !== SESSION && eventName !== ACCOUNT);
const account = find(stored, ({ eventName }) => eventName === ACCOUNT);
const healedMs = Math.max(...RECORDED.faults.map((fault) => fault.healedMs));
const beatAfterHeal = find(
  RECORDED.operations,
  (operation) => isHeartbeat('device')(operation) && operation.atMs > healedMs + 5_000,
);

function finalOf(change: Partial<FinalState>): History {
  return { ...RECORDED, final: { ...RECORDED.final, ...change } };
}

function withRows(change: (rows: readonly StoredEvent[]) => readonly StoredEvent[]): History {
  return finalOf({ stored: change(stored) });
}

function withRecords(change: (record: PublishedRecord) => PublishedRecord[]): History {
  return finalOf({ published: published.flatMap(change) });
}

/** Changes the first operation that fits. */
function withOperation(fits: (operation: Operation) => boolean, change: Partial<Operation>): History {
  const victim = find(RECORDED.operations, fits);
  return withOperations((each) => each === victim, change);
}

function withOperations(fits: (operation: Operation) => boolean, change: Partial<Operation>): History {
  const operations = RECORDED.operations.map((each) => (fits(each) ? { ...each, ...change } : each));
  return { ...RECORDED, operations };
}

/** Takes the answers of the operations that fit. */
function withoutAnswers(fits: (operation: Operation) => boolean, change: Partial<Operation>): History {
  const operations = RECORDED.operations.map((each) =>
    fits(each) ? unanswered({ ...each, ...change }) : each,
  );
  return { ...RECORDED, operations };
}

function isHeartbeat(client: Operation['client']) {
  return (operation: Operation): boolean =>
    operation.client === client && operation.path === '/presence/heartbeat' && operation.status === 200;
}

function exitOf(change: Partial<History['exits'][number]>): History {
  const exit = { atMs: 1, replica: 0, code: 0, asked: null, hadStarted: true, lastLines: [], ...change };
  return { ...RECORDED, exits: [...RECORDED.exits, exit] };
}

function memoryOf(heapMibAt: (minute: number) => number, residentMib = 300): History {
  const memory = Array.from({ length: 60 }, (_, turn) => ({
    atMs: turn * 5_000,
    ...{ replica: 0, pid: 1, residentBytes: residentMib * MIB, heapBytes: heapMibAt(turn / 12) * MIB },
  }));
  return { ...RECORDED, memory };
}

describe('checkHistory of a recorded run', () => {
  it('finds nothing', () => {
    expect(wrongChecks(RECORDED)).toEqual([]);
  });

  it.each<[commits: string, history: () => History, checks: readonly string[]]>([
    [
      'loses an acknowledged event',
      () => withRows((rows) => rows.filter((row) => row !== plainEvent)),
      ['every acknowledged event is stored'],
    ],
    ['stores an event twice', () => withRows((rows) => [...rows, plainEvent]), ['no event is stored twice']],
    ['stores a rejected event', rejectsStoredEvent, ['nothing rejected is stored']],
    [
      'stores an event that nobody sent',
      () => withRows((rows) => [...rows, { ...plainEvent, eventId: 'unknown' }]),
      ['nothing is stored that was not sent'],
    ],
    [
      'stores another install',
      () => withRows((rows) => rows.map((row) => (row === plainEvent ? { ...row, installId: 'x' } : row))),
      ['every stored event has its fields'],
    ],
    [
      'loses an account',
      () => withRows((rows) => rows.filter((row) => row !== account)),
      ['every account is recorded once'],
    ],
    [
      'records an account twice',
      () => withRows((rows) => [...rows, { ...account, eventId: 'second' }]),
      ['every account is recorded once'],
    ],
    [
      'records an account that nobody announced',
      () => ({ ...RECORDED, accounts: RECORDED.accounts.filter(({ userId }) => userId !== account.userId) }),
      ['nothing is stored that was not sent'],
    ],
    [
      'moves the time of an account',
      () => ({
        ...RECORDED,
        accounts: RECORDED.accounts.map((each) =>
          each.userId === account.userId ? { ...each, occurredMs: account.eventMs - 60_000 } : each,
        ),
      }),
      ['every stored event has its fields'],
    ],
    [
      'loses a dead letter',
      () => finalOf({ deadLetters: [] }),
      ['every malformed identity message is a dead letter'],
    ],
    [
      'counts an active too many',
      () => finalOf({ days: RECORDED.final.days.map((day) => ({ ...day, dauCount: day.dauCount + 1 })) }),
      ['DAU equals the model'],
    ],
    [
      'lacks the figures of a day',
      () => finalOf({ days: RECORDED.final.days.slice(1) }),
      ['DAU equals the model'],
    ],
    [
      'counts a span twice',
      () =>
        spansOf({
          spans: RECORDED.final.spans.spans.map((each) => ({ ...each, activeCount: each.activeCount * 2 })),
        }),
      ['figures over spans equal the model'],
    ],
    [
      'lacks a rolling window',
      () => spansOf({ rolling: { ...RECORDED.final.spans.rolling, data: [] } }),
      ['figures over spans equal the model'],
    ],
    [
      'calls a user new who is not',
      () =>
        spansOf({
          lifecycle: RECORDED.final.spans.lifecycle.map((each) => ({ ...each, newCount: each.newCount + 1 })),
        }),
      ['new, returning and dormant users equal the model'],
    ],
    [
      'counts a cohort wrongly',
      () =>
        spansOf({
          retention: RECORDED.final.spans.retention.map(({ cohort, data }) => ({
            cohort,
            data: data.map((each) => ({
              ...each,
              retained: each.retained.map(({ after, count }) => ({ after, count: count + 1 })),
            })),
          })),
        }),
      ['retention equals the model'],
    ],
    [
      'publishes no version of a day',
      () => finalOf({ calculated: [] }),
      ['dau.calculated equals the stored version'],
    ],
    [
      'publishes another figure than it stores',
      () =>
        finalOf({
          calculated: RECORDED.final.calculated.map((each) => ({ ...each, dauCount: each.dauCount + 1 })),
        }),
      ['dau.calculated equals the stored version'],
    ],
    [
      'publishes a version that it does not store',
      () =>
        finalOf({
          calculated: [...RECORDED.final.calculated, { ...RECORDED.final.statistics[0]!, version: 99 }],
        }),
      ['dau.calculated equals the stored version'],
    ],
    [
      'has lost live DAU',
      () => finalOf({ live: { ...RECORDED.final.live, dauCount: 9_999 } }),
      ['live DAU lies within its error'],
    ],
    ['drifts apart', () => finalOf({ audit: { exitCode: 1, output: 'drift: 1' } }), ['audit is clean']],
    [
      'does not publish a session',
      () => withRecords((record) => (record.eventId === published[0]?.eventId ? [] : [record])),
      ['every stored session is published'],
    ],
    [
      'leaves a message in its outbox',
      () => finalOf({ outboxLeft: 1 }),
      ['every stored session is published'],
    ],
    [
      'publishes a session that is not stored',
      () => finalOf({ published: [...published, { ...published[0]!, eventId: 'phantom', offset: 1e6 }] }),
      ['no session is published that is not stored'],
    ],
    [
      'publishes another user',
      () => withRecords((record) => [{ ...record, session: { ...record.session!, userId: '1' } }]),
      ['published sessions have the fields of their rows'],
    ],
    ['publishes out of order', publishesOutOfOrder, ['sessions of a subject are published in order']],
    [
      'spreads a subject over partitions',
      () => withRecords((record) => [{ ...record, partition: record.offset % 7 }]),
      ['sessions of a subject are published in order'],
    ],
    [
      'shows users online that are not',
      () => finalOf({ online: { ...RECORDED.final.online, count: 9_999 } }),
      ['online count is right one window later'],
    ],
    [
      'answers 500',
      () => withOperation(isHeartbeat('device'), { status: 500 }),
      ['a failed request gets 503 with Retry-After'],
    ],
    [
      'answers 503 without Retry-After',
      () => withOperation(isHeartbeat('device'), { status: 503, hasRetryAfter: false }),
      ['a failed request gets 503 with Retry-After'],
    ],
    [
      'answers late',
      () => withOperation(isHeartbeat('device'), { tookMs: 9_500 }),
      ['every answer comes within 2.5 s'],
    ],
    [
      'resets a connection',
      () => withoutAnswers((each) => each === beatAfterHeal, { reason: 'ECONNRESET' }),
      ['a running replica answers every request'],
    ],
    [
      'hangs until the load ends',
      () =>
        withoutAnswers((each) => each.client === 'probe' && each.atMs > RECORDED.loadMs - 9_000, {
          ...{ reason: 'timeout', tookMs: 10_000 },
        }),
      ['every answer comes within 2.5 s', 'service recovers within 10 s'],
    ],
    [
      'does not recover',
      () =>
        withOperations(
          (each) =>
            isHeartbeat('probe')(each) && each.atMs > healedMs + 11_500 && each.atMs < healedMs + 15_000,
          { status: 503, hasRetryAfter: true },
        ),
      ['service recovers within 10 s'],
    ],
    [
      'lets its outbox stand still',
      () => ({
        ...RECORDED,
        outbox: [{ atMs: healedMs + 12_500, messages: 5, oldestMs: 12_000 }],
      }),
      ['outbox moves again within 10 s'],
    ],
    [
      'calls itself ready while heartbeats fail',
      () =>
        withOperations((each) => isHeartbeat('probe')(each) && each.atMs >= RECORDED.loadMs, {
          status: 503,
          hasRetryAfter: true,
        }),
      ['readiness tells the truth'],
    ],
    [
      'refuses the batches of a device',
      () => ({
        ...RECORDED,
        delivery: RECORDED.delivery.map((check) => ({ ...check, verdict: 'wrong' as const })).slice(0, 1),
      }),
      ['every batch delivered'],
    ],
    ['crashes', () => exitOf({ code: 1 }), ['no replica ends by itself']],
    [
      'ends with 1 on SIGTERM',
      () => exitOf({ asked: 'SIGTERM', code: 1 }),
      ['SIGTERM ends a replica with exit code 0'],
    ],
    [
      'floods its log',
      () => ({ ...RECORDED, logs: RECORDED.logs.map((log) => ({ ...log, busiestMinute: 5_000 })) }),
      ['log lines are bounded'],
    ],
    ['keeps what it should forget', () => memoryOf((minute) => 60 + 40 * minute), ['memory is flat']],
    ['takes more memory than its limit', () => memoryOf(() => 60, 900), ['memory is flat']],
    [
      'cannot be broken by the run',
      () => ({ ...RECORDED, faults: RECORDED.faults.map((fault) => ({ ...fault, error: 'ENOENT' })) }),
      ['every fault was applied and healed'],
    ],
  ])('finds a service that %s, and accuses it of nothing else', (_commits, history, checks) => {
    expect(wrongChecks(history())).toEqual(checks);
  });

  it('accepts a heap that a collection empties again', () => {
    expect(wrongChecks(memoryOf((minute) => 60 + 200 * (minute % 1)))).toEqual([]);
  });
});

function spansOf(change: Partial<FinalState['spans']>): History {
  return finalOf({ spans: { ...RECORDED.final.spans, ...change } });
}

/** Says of a stored event that it was rejected. */
function rejectsStoredEvent(): History {
  const attempts = indexEvents(RECORDED.operations).get(plainEvent.eventId) ?? [];
  const rejectedBy = new Map(
    attempts.map(({ operation, event }) => [operation, operation.events?.indexOf(event)] as const),
  );
  const operations = RECORDED.operations.map((operation): Operation => {
    const index = rejectedBy.get(operation);
    return index === undefined ? operation : { ...operation, answer: { rejected: [{ index }] } };
  });
  return { ...RECORDED, operations };
}

/** Exchanges the places of the first and the last session of a subject with several. */
function publishesOutOfOrder(): History {
  const groups = groupBy(published, ({ session }) => session?.userId ?? session?.installId);
  const [records] = [...groups.values()].sort((left, right) => right.length - left.length);
  const [first, last] = [records![0]!, records!.at(-1)!];
  return withRecords((record) => {
    if (record === first) return [{ ...record, offset: last.offset }];
    return record === last ? [{ ...record, offset: first.offset }] : [record];
  });
}

function find<Item>(list: readonly Item[], fits: (item: Item) => boolean): Item {
  const found = list.find(fits);
  if (found === undefined) throw new Error('The recorded run has no such item');
  return found;
}

function wrongChecks(history: History): string[] {
  return checkHistory(history).flatMap(({ name, verdict }) => (verdict === 'wrong' ? [name] : []));
}
