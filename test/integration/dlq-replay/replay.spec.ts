import { randomUUID } from 'node:crypto';

import { Logger } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import type { IHeaders, KafkaMessage } from 'kafkajs';

import type { ReplayProgress } from '../../../src/application/ports/dead-letters.port.js';
import { NOON } from '../../support/builders.js';
import type { ProxiedKafka } from '../../support/kafka/cluster.js';
import type { DeadLetterTopics } from '../../support/kafka/dead-letter-topics.js';
import { produceRaw } from '../../support/kafka/topics.js';
import { waitFor } from '../../support/processes.js';
import { useDeadLetterTopics } from '../../support/kafka/use-dead-letter-topics.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);

const POISON = Buffer.from([0xff, 0x00, 0xfe, 0x7b, 0x0a]);

let kafka: ProxiedKafka;
let dlq: DeadLetterTopics;

useDeadLetterTopics((topics, cluster) => {
  [dlq, kafka] = [topics, cluster];
});

const inOrder = (sources: readonly string[]) => [...sources].sort();

describe('a replay of dead letters', () => {
  it('sends each message unchanged to its source partition, with its source in the headers', async () => {
    await dlq.makeTopic();
    const consumer = dlq.observer().consumer({ groupId: randomUUID(), maxWaitTimeInMs: 50 });
    const received = new Map<number, KafkaMessage>();
    await consumer.connect();
    await consumer.subscribe({ topic: dlq.topic, fromBeginning: true });
    await dlq.bury([
      { partition: 3, offset: 42, value: POISON, headers: { trace: 'abc', many: ['a', 'b'] } },
      { partition: 1, offset: '9223372036854775807', key: null, value: null },
      { partition: 2, offset: 0, key: POISON, value: Buffer.alloc(0) },
    ]);
    const following = consumer.run({
      eachMessage: async ({ partition, message }) => void received.set(partition, message),
    });
    expect(await dlq.replay()).toMatchObject({
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
      'dlq-source-topic': Buffer.from(dlq.topic),
      'dlq-source-partition': Buffer.from('3'),
      'dlq-source-offset': Buffer.from('42'),
      'dlq-source-timestamp': Buffer.from(NOON),
    });
    expect(received.get(1)).toMatchObject({ key: null, value: null });
    expect(received.get(2)).toMatchObject({ key: POISON, value: Buffer.alloc(0) });
  });

  it('replays thousands of messages in the order of each partition', async () => {
    await dlq.makeTopic();
    const letters = Array.from({ length: 2_500 }, (_, i) => ({
      partition: i % 4,
      offset: Math.floor(i / 4),
      reason: i % 5 === 0 ? 'user_id_invalid' : 'internal_error',
    }));
    await dlq.bury(letters);
    const shown: ReplayProgress[] = [];
    const outcome = await dlq.replay({}, { onProgress: (progress) => shown.push(progress) });
    expect(outcome).toMatchObject({ ended: 'complete', read: 2_500, replayed: 2_500 });
    expect(outcome.byReason).toEqual(
      new Map([
        ['user_id_invalid', 500],
        ['internal_error', 2_000],
      ]),
    );
    expect(shown.length).toBeGreaterThan(4);
    expect(shown.at(-1)).toEqual({ read: 2_500, total: 2_500, replayed: 2_500 });
    const sources = await dlq.arrived(2_500);
    for (const partition of [0, 1, 2, 3]) {
      expect(sources.filter((source) => source.startsWith(`${partition}:`))).toEqual(
        Array.from({ length: 625 }, (_, i) => `${partition}:${i}`),
      );
    }
  });

  it('replays a source once, however many dead letters it has', async () => {
    await dlq.makeTopic();
    const again = [
      { partition: 0, offset: 1, reason: 'internal_error' },
      { partition: 0, offset: 2, reason: 'internal_error' },
      { partition: 1, offset: 1, reason: 'internal_error' },
    ];
    await dlq.bury([...again, ...again]);
    await dlq.bury([{ partition: 0, offset: 1, reason: 'message_invalid' }]);
    expect(await dlq.replay()).toMatchObject({ read: 7, replayed: 3, repeated: 4 });
    expect(inOrder(await dlq.arrived(3))).toEqual(['0:1', '0:2', '1:1']);
    // A selection by the later reason finds the source as well.
    expect(await dlq.replay({ reason: 'message_invalid' })).toMatchObject({ replayed: 1, repeated: 0 });
  });

  it('sends the same sources again when it runs twice, so that the consumer recognizes them', async () => {
    await dlq.makeTopic();
    await dlq.bury([{ offset: 7 }, { partition: 2, offset: 8 }]);
    expect(await dlq.replay()).toMatchObject({ replayed: 2 });
    expect(await dlq.replay()).toMatchObject({ replayed: 2 });
    expect(inOrder(await dlq.arrived(4))).toEqual(['0:7', '0:7', '2:8', '2:8']);
  });

  it('skips and counts messages that are not dead letters of this topic', async () => {
    await dlq.makeTopic();
    const { headers, ...letter } = dlq.deadLetter({ offset: 5 });
    const without = (name: string): IHeaders =>
      Object.fromEntries(Object.entries(headers).filter(([header]) => header !== name));
    await dlq.feeder.send([
      { ...letter, headers: { ...headers, 'dlq-source-topic': 'another' } },
      { ...letter, headers: {} },
      { ...letter, headers: without('dlq-source-topic') },
      { ...letter, headers: without('dlq-source-partition') },
      { ...letter, headers: without('dlq-reason') },
      { ...letter, headers: without('dlq-failed-at') },
      { ...letter, headers: { ...headers, 'dlq-failed-at': 'noon' } },
      { ...letter, headers: { ...headers, 'dlq-source-offset': '-5' } },
      // kafkajs silently drops records for partitions that do not exist.
      { ...letter, headers: { ...headers, 'dlq-source-partition': '4' } },
    ]);
    await dlq.bury([{ offset: 6 }]);
    expect(await dlq.replay()).toMatchObject({
      ended: 'complete',
      read: 10,
      replayed: 1,
      leftAlone: { foreign: 1, incomplete: 7, misplaced: 1 },
    });
    expect(await dlq.arrived(1)).toEqual(['0:6']);
  });

  it('ends at the last dead letter of its start, although replayed messages fail again', async () => {
    await dlq.makeTopic();
    await dlq.bury(Array.from({ length: 600 }, (_, offset) => ({ offset })));
    let fed = Promise.resolve();
    const outcome = await dlq.replay(
      {},
      {
        onProgress: () => {
          fed = fed.then(() => dlq.bury([{ offset: 10_000 }]));
        },
      },
    );
    await fed;
    expect(outcome).toMatchObject({ ended: 'complete', read: 600, replayed: 600 });
  });
});

describe('a message without the headers of dead letters', () => {
  it('is skipped and counted', async () => {
    await dlq.makeTopic();
    await produceRaw(kafka.steadyBrokers, dlq.deadLetterTopic, [
      {
        key: POISON,
        value: POISON,
        partition: 0,
        headers: { 'dlq-reason': POISON, 'dlq-source-topic': POISON },
      },
      { key: null, value: null, partition: 0 },
    ]);
    expect(await dlq.replay()).toMatchObject({
      read: 2,
      replayed: 0,
      leftAlone: { foreign: 1, incomplete: 1, misplaced: 0 },
    });
  });
});
