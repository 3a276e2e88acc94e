import { randomUUID } from 'node:crypto';

import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel, type IHeaders, type KafkaMessage } from 'kafkajs';

import type { KafkaConfig } from '../../src/config/kafka.config.js';
import {
  deadLetterTopicOf,
  sourceOf,
  toDeadLetter,
} from '../../src/infrastructure/kafka/dead-letters/dead-letter.js';
import {
  DeadLetterReplay,
  DeadLetterReplayError,
  type DeadLetter,
  type DeadLetterSelection,
  type ReplayOutcome,
  type ReplayProgress,
} from '../../src/infrastructure/kafka/dead-letters/dead-letter-replay.js';
import { createKafkaClient } from '../../src/infrastructure/kafka/kafka-client.js';
import { KafkaProducer, type SubjectRecord } from '../../src/infrastructure/kafka/kafka-producer.js';
import { rejectionOf } from '../support/failures.js';
import { startKafka, type ProxiedKafka } from '../support/kafka/cluster.js';
import { kafkaConfigOf } from '../support/kafka/config.js';
import { readTopicWithKcat } from '../support/kafka/kcat.js';
import { produceRaw } from '../support/kafka/topics.js';
import { freePort, sleep, waitFor } from '../support/processes.js';

// Outages are part of what is tested here; their warnings are of no interest.
Logger.overrideLogger(false);

const POISON = Buffer.from([0xff, 0x00, 0xfe, 0x7b, 0x0a]);
const NOON = new Date('2025-06-15T04:00:00.000Z');
const ALL: DeadLetterSelection = { reason: null, since: null, until: null, sources: null, limit: null };

let kafka: ProxiedKafka;
let config: KafkaConfig;
let topic: string;
let deadLetterTopic: string;
let feeder: KafkaProducer;

beforeAll(async () => {
  kafka = await startKafka();
});

beforeEach(() => {
  topic = `identity-${randomUUID()}`;
  deadLetterTopic = deadLetterTopicOf(topic);
  config = kafkaConfigOf(kafka.brokers, { topicIdentity: topic, consumerGroup: 'dlq-test' });
  feeder = new KafkaProducer(createKafkaClient(config), config, deadLetterTopic);
});

afterEach(async () => {
  kafka.restore();
  kafka.thaw();
  await feeder.close();
});

afterAll(() => kafka.stop());

interface Letter {
  readonly partition?: number;
  readonly offset: number | string;
  readonly reason?: string;
  readonly failedAt?: Date;
  readonly key?: Buffer | null;
  readonly value?: Buffer | null;
  readonly headers?: IHeaders;
}

/** What the consumer writes when a message of the identity topic cannot be handled. */
function deadLetter({ partition = 0, offset, headers = {}, ...letter }: Letter): SubjectRecord {
  const message: KafkaMessage = {
    key: letter.key === undefined ? Buffer.from('user.account.created') : letter.key,
    value: letter.value === undefined ? Buffer.from(`{"number":"${partition}/${offset}"}`) : letter.value,
    offset: String(offset),
    timestamp: String(NOON.getTime()),
    attributes: 0,
    headers,
  };
  const reason = { code: letter.reason ?? 'internal_error', detail: `why of ${partition}/${offset}` };
  return toDeadLetter(message, sourceOf(topic, partition, message), reason, letter.failedAt ?? NOON);
}

const bury = (letters: readonly Letter[]) => feeder.send(letters.map(deadLetter));

interface Replayed extends ReplayOutcome {
  readonly selected: readonly DeadLetter[];
}

async function replay(
  selection: Partial<DeadLetterSelection> = {},
  options: {
    readonly dryRun?: boolean;
    readonly signal?: AbortSignal;
    readonly onProgress?: (progress: ReplayProgress) => void;
  } = {},
): Promise<Replayed> {
  const selected: DeadLetter[] = [];
  const outcome = await new DeadLetterReplay(config, randomUUID()).run(
    { ...ALL, ...selection },
    {
      dryRun: false,
      signal: new AbortController().signal,
      onSelected: (letter) => selected.push(letter),
      ...options,
    },
  );
  return { ...outcome, selected };
}

function watcher(): Kafka {
  // Past the proxies, so that outages do not concern it.
  return new Kafka({ brokers: kafka.steadyBrokers.split(','), logLevel: logLevel.NOTHING });
}

/** A topic is there once somebody has wanted to subscribe to it. */
async function makeTopic(name: string): Promise<void> {
  const consumer = watcher().consumer({ groupId: randomUUID() });
  await consumer.connect();
  await consumer.subscribe({ topic: name });
  await consumer.disconnect();
}

/** The sources of what has come to the identity topic, each partition in order: exactly as many as expected. */
async function arrived(count: number): Promise<string[]> {
  const { messages } = await readTopicWithKcat(kafka.steadyBrokers, topic, { count });
  const admin = watcher().admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  expect(offsets.reduce((sum, { high }) => sum + Number(high), 0)).toBe(count);
  return messages.map(({ partition, headers }) => {
    expect(headers).toMatchObject({ 'dlq-source-topic': topic, 'dlq-source-partition': String(partition) });
    return `${partition}:${headers['dlq-source-offset']}`;
  });
}

async function topics(): Promise<string[]> {
  const admin = watcher().admin();
  await admin.connect();
  const names = await admin.listTopics();
  await admin.disconnect();
  return names;
}

const inOrder = (sources: readonly string[]) => [...sources].sort();

describe('a replay', () => {
  it('puts messages back as they were, to where they were, with their source', async () => {
    await makeTopic(topic);
    const consumer = watcher().consumer({ groupId: randomUUID(), maxWaitTimeInMs: 50 });
    const received = new Map<number, KafkaMessage>();
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await bury([
      { partition: 3, offset: 42, value: POISON, headers: { trace: 'abc', many: ['a', 'b'] } },
      { partition: 1, offset: '9223372036854775807', key: null, value: null },
      { partition: 2, offset: 0, key: POISON, value: Buffer.alloc(0) },
    ]);
    const following = consumer.run({
      eachMessage: async ({ partition, message }) => void received.set(partition, message),
    });
    expect(await replay()).toMatchObject({
      ended: 'complete',
      read: 3,
      replayed: 3,
      byReason: new Map([['internal_error', 3]]),
      repeated: 0,
      leftAlone: { foreign: 0, incomplete: 0, misplaced: 0 },
      missing: [],
    });
    await following;
    await waitFor(() => received.size === 3);
    await consumer.disconnect();
    expect(received.get(3)).toMatchObject({ key: Buffer.from('user.account.created'), value: POISON });
    expect(received.get(3)?.headers).toEqual({
      trace: Buffer.from('abc'),
      many: [Buffer.from('a'), Buffer.from('b')],
      'dlq-source-topic': Buffer.from(topic),
      'dlq-source-partition': Buffer.from('3'),
      'dlq-source-offset': Buffer.from('42'),
      'dlq-source-timestamp': Buffer.from(NOON.toISOString()),
    });
    expect(received.get(1)).toMatchObject({ key: null, value: null });
    expect(received.get(2)).toMatchObject({ key: POISON, value: Buffer.alloc(0) });
  });

  it('takes thousands, the messages of each partition in the order they came in', async () => {
    await makeTopic(topic);
    const letters = Array.from({ length: 2_500 }, (_, i) => ({
      partition: i % 4,
      offset: Math.floor(i / 4),
      reason: i % 5 === 0 ? 'user_id_invalid' : 'internal_error',
    }));
    await bury(letters);
    const shown: ReplayProgress[] = [];
    const outcome = await replay({}, { onProgress: (progress) => shown.push(progress) });
    expect(outcome).toMatchObject({ ended: 'complete', read: 2_500, replayed: 2_500 });
    expect(outcome.byReason).toEqual(
      new Map([
        ['user_id_invalid', 500],
        ['internal_error', 2_000],
      ]),
    );
    expect(shown.length).toBeGreaterThan(4);
    expect(shown.at(-1)).toEqual({ read: 2_500, total: 2_500, replayed: 2_500 });
    const sources = await arrived(2_500);
    for (const partition of [0, 1, 2, 3]) {
      expect(sources.filter((source) => source.startsWith(`${partition}:`))).toEqual(
        Array.from({ length: 625 }, (_, i) => `${partition}:${i}`),
      );
    }
  });

  it('takes the same source once, however often it has failed', async () => {
    await makeTopic(topic);
    const again = [
      { partition: 0, offset: 1, reason: 'internal_error' },
      { partition: 0, offset: 2, reason: 'internal_error' },
      { partition: 1, offset: 1, reason: 'internal_error' },
    ];
    await bury([...again, ...again]);
    await bury([{ partition: 0, offset: 1, reason: 'message_invalid' }]);
    expect(await replay()).toMatchObject({ read: 7, replayed: 3, repeated: 4 });
    expect(inOrder(await arrived(3))).toEqual(['0:1', '0:2', '1:1']);
    // Chosen by its later reason, it is found as well.
    expect(await replay({ reason: 'message_invalid' })).toMatchObject({ replayed: 1, repeated: 0 });
  });

  it('done twice, puts the same sources back twice: the consumer knows them by that', async () => {
    await makeTopic(topic);
    await bury([{ offset: 7 }, { partition: 2, offset: 8 }]);
    expect(await replay()).toMatchObject({ replayed: 2 });
    expect(await replay()).toMatchObject({ replayed: 2 });
    expect(inOrder(await arrived(4))).toEqual(['0:7', '0:7', '2:8', '2:8']);
  });

  it('leaves alone what is no dead letter of this topic, and says how much that is', async () => {
    await makeTopic(topic);
    const { headers, ...letter } = deadLetter({ offset: 5 });
    const without = (name: string): IHeaders =>
      Object.fromEntries(Object.entries(headers).filter(([header]) => header !== name));
    await feeder.send([
      { ...letter, headers: { ...headers, 'dlq-source-topic': 'another' } },
      { ...letter, headers: {} },
      { ...letter, headers: without('dlq-source-topic') },
      { ...letter, headers: without('dlq-source-partition') },
      { ...letter, headers: without('dlq-reason') },
      { ...letter, headers: without('dlq-failed-at') },
      { ...letter, headers: { ...headers, 'dlq-failed-at': 'noon' } },
      { ...letter, headers: { ...headers, 'dlq-source-offset': '-5' } },
      // kafkajs drops records for partitions that do not exist, without a word.
      { ...letter, headers: { ...headers, 'dlq-source-partition': '4' } },
    ]);
    await bury([{ offset: 6 }]);
    expect(await replay()).toMatchObject({
      ended: 'complete',
      read: 10,
      replayed: 1,
      leftAlone: { foreign: 1, incomplete: 7, misplaced: 1 },
    });
    expect(await arrived(1)).toEqual(['0:6']);
  });

  it('ends where the dead letters ended when it began, though what is replayed fails again', async () => {
    await makeTopic(topic);
    await bury(Array.from({ length: 600 }, (_, offset) => ({ offset })));
    let fed = Promise.resolve();
    const outcome = await replay(
      {},
      {
        onProgress: () => {
          fed = fed.then(() => bury([{ offset: 10_000 }]));
        },
      },
    );
    await fed;
    expect(outcome).toMatchObject({ ended: 'complete', read: 600, replayed: 600 });
  });
});

describe('a selection', () => {
  const minute = (n: number) => new Date(NOON.getTime() + n * 60_000);

  beforeEach(async () => {
    await makeTopic(topic);
    await bury([
      { partition: 0, offset: 1, reason: 'message_invalid', failedAt: minute(0) },
      { partition: 0, offset: 2, reason: 'internal_error', failedAt: minute(1) },
      { partition: 1, offset: 1, reason: 'internal_error', failedAt: minute(2) },
      { partition: 2, offset: 11, reason: 'user_id_invalid', failedAt: minute(3) },
    ]);
  });

  /** What is selected by each. */
  const selected = (...selections: Partial<DeadLetterSelection>[]): Promise<string[][]> =>
    Promise.all(
      selections.map(async (selection) => {
        const outcome = await replay(selection, { dryRun: true });
        expect(outcome.replayed).toBe(outcome.selected.length);
        return inOrder(outcome.selected.map(({ source }) => source));
      }),
    );

  it('of a dry run is told, and nothing is sent', async () => {
    const { selected: letters, ...outcome } = await replay({}, { dryRun: true });
    expect(outcome).toMatchObject({ ended: 'complete', read: 4, replayed: 4 });
    expect(letters.find(({ source }) => source === '2:11')).toEqual({
      source: '2:11',
      partition: 2,
      reason: 'user_id_invalid',
      detail: 'why of 2/11',
      failedAt: minute(3),
      key: 'user.account.created',
    });
    // What is really replayed afterwards is all that has come.
    await replay({ sources: ['0:2'] });
    expect(await arrived(1)).toEqual(['0:2']);
  });

  it('is by reason', async () => {
    expect(await selected({ reason: 'internal_error' }, { reason: 'internal' })).toEqual([
      ['0:2', '1:1'],
      [],
    ]);
  });

  it('is by time, the start included and the end not', async () => {
    const span = { since: minute(1), until: minute(3) };
    expect(await selected({ since: minute(1) }, { until: minute(1) }, span)).toEqual([
      ['0:2', '1:1', '2:11'],
      ['0:1'],
      ['0:2', '1:1'],
    ]);
  });

  it('is by source, and says which are not there', async () => {
    const outcome = await replay({ sources: ['0:1', '2:11', '2:1', '9:1'] }, { dryRun: true });
    expect(inOrder(outcome.selected.map(({ source }) => source))).toEqual(['0:1', '2:11']);
    expect(outcome.missing).toEqual(['2:1', '9:1']);
  });

  it('is by all of these at once', async () => {
    expect(
      await selected({ reason: 'internal_error', since: minute(2), sources: ['0:2', '1:1', '2:11'] }),
    ).toEqual([['1:1']]);
  });
});

describe('a limit', () => {
  it('counts what is replayed, in the order of the partition', async () => {
    await makeTopic(topic);
    await bury(
      Array.from({ length: 1_200 }, (_, offset) => ({ offset, reason: offset % 2 === 0 ? 'even' : 'odd' })),
    );
    expect(await replay({ reason: 'odd', limit: 300 })).toMatchObject({
      ended: 'limit',
      read: 600,
      replayed: 300,
    });
    expect(await arrived(300)).toEqual(Array.from({ length: 300 }, (_, i) => `0:${2 * i + 1}`));
  });

  it('that is as high as there are dead letters leaves none', async () => {
    await makeTopic(topic);
    await bury([{ offset: 1 }, { offset: 2 }]);
    expect(await Promise.all([replay({ limit: 2 }), replay({ limit: 1 })])).toMatchObject([
      { ended: 'complete', replayed: 2 },
      { ended: 'limit', replayed: 1 },
    ]);
  });
});

describe('where there is nothing to replay', () => {
  it('a missing topic is not made by looking', async () => {
    expect(await replay()).toMatchObject({ ended: 'complete', read: 0, replayed: 0 });
    expect(await replay({ sources: ['0:1'] }, { dryRun: true })).toMatchObject({ read: 0, missing: ['0:1'] });
    const existing = await topics();
    expect(existing).not.toContain(deadLetterTopic);
    expect(existing).not.toContain(topic);
  });

  it('an empty topic is no reason to wait', async () => {
    await makeTopic(deadLetterTopic);
    expect(await topics()).toContain(deadLetterTopic);
    const started = performance.now();
    expect(await replay()).toMatchObject({ ended: 'complete', read: 0, replayed: 0 });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('the identity topic is not made either: that is said', async () => {
    await bury([{ offset: 1 }]);
    const error = await rejectionOf(replay());
    expect(error).toBeInstanceOf(DeadLetterReplayError);
    expect(error).toMatchObject({
      message: `Topic ${topic} does not exist: nothing can be put back to it`,
    });
    expect(await topics()).not.toContain(topic);
  });
});

describe('a replay that cannot go on', () => {
  it('is interrupted between batches, and says how far it came', async () => {
    await makeTopic(topic);
    await bury(Array.from({ length: 1_500 }, (_, offset) => ({ offset })));
    const interrupt = new AbortController();
    const outcome = await replay(
      {},
      { signal: interrupt.signal, onProgress: ({ replayed }) => replayed >= 500 && interrupt.abort() },
    );
    expect(outcome).toMatchObject({ ended: 'interrupted', read: 500, replayed: 500 });
    await arrived(500);
  });

  it('is interrupted while it waits for its turn, too', async () => {
    await makeTopic(topic);
    await bury([{ offset: 1 }]);
    const interrupt = new AbortController();
    // Joining the group takes seconds.
    setTimeout(() => interrupt.abort(), 500);
    const started = performance.now();
    expect(await replay({}, { signal: interrupt.signal })).toMatchObject({ ended: 'interrupted', read: 0 });
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(await replay({}, { signal: AbortSignal.abort() })).toMatchObject({ ended: 'interrupted' });
    // Nothing goes on behind.
    await sleep(1_000);
    const admin = watcher().admin();
    await admin.connect();
    expect((await admin.fetchTopicOffsets(topic)).every(({ high }) => high === '0')).toBe(true);
    await admin.disconnect();
  });

  it('fails clearly, with what was replayed by then, and is made good by another', async () => {
    await makeTopic(topic);
    await bury(Array.from({ length: 1_000 }, (_, offset) => ({ offset })));
    const error = await rejectionOf(
      replay({}, { onProgress: ({ replayed }) => replayed >= 500 && kafka.interrupt() }),
    );
    expect(error).toBeInstanceOf(DeadLetterReplayError);
    expect((error as Error).message).toMatch(
      /^(Sending to|Reading) identity-\S+ has failed: [^\n]+\n500 were replayed by then; starting again records none of them twice\.$/,
    );
    kafka.restore();
    expect(await replay()).toMatchObject({ ended: 'complete', replayed: 1_000 });
    expect(new Set(await arrived(1_500)).size).toBe(1_000);
  });

  it('says so when no broker is there', async () => {
    config = { ...config, brokers: [`127.0.0.1:${await freePort()}`] };
    const error = await rejectionOf(replay());
    expect(error).toBeInstanceOf(DeadLetterReplayError);
    expect((error as Error).message).toMatch(/^Reading identity-\S+\.dlq has failed: .*ECONNREFUSED[^\n]*$/);
  });

  it('says so, and soon, when brokers do not answer', async () => {
    await makeTopic(topic);
    await bury([{ offset: 1 }]);
    kafka.freeze();
    const started = performance.now();
    const error = await rejectionOf(replay());
    expect(error).toBeInstanceOf(DeadLetterReplayError);
    expect((error as Error).message).toMatch(/^Reading identity-\S+\.dlq has failed: [^\n]+$/);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('does not wait for ever for what offsets promise', async () => {
    await makeTopic(topic);
    await bury([{ offset: 1 }]);
    const started = performance.now();
    const error = await rejectionOf(
      new DeadLetterReplay(config, randomUUID(), 1).run(ALL, {
        dryRun: true,
        signal: new AbortController().signal,
      }),
    );
    expect(error).toMatchObject({
      name: 'DeadLetterReplayError',
      message: expect.stringMatching(
        /^Nothing has come from \S+\.dlq for 0\.001 s, although 1 of 1 are still to be read/,
      ),
    });
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});

describe('what comes from those who do not know these headers', () => {
  it('is read and left alone, byte by byte', async () => {
    await makeTopic(topic);
    await produceRaw(kafka.steadyBrokers, deadLetterTopic, [
      { key: POISON, value: POISON, headers: { 'dlq-reason': POISON, 'dlq-source-topic': POISON } },
      { key: null, value: null },
    ]);
    expect(await replay()).toMatchObject({
      read: 2,
      replayed: 0,
      leftAlone: { foreign: 1, incomplete: 1, misplaced: 0 },
    });
  });
});
