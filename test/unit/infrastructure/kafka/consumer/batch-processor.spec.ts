import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { MessageHandler } from '../../../../../src/application/ports/event-consumer.port.js';
import { BatchProcessor } from '../../../../../src/infrastructure/kafka/consumer/batch-processor.js';
import type { ConsumerLag } from '../../../../../src/infrastructure/kafka/consumer/consumer-lag.js';
import { MessageJudge } from '../../../../../src/infrastructure/kafka/consumer/message-judge.js';
import { PartitionHolds } from '../../../../../src/infrastructure/kafka/consumer/partition-holds.js';
import type { KafkaProducer } from '../../../../../src/infrastructure/kafka/kafka-producer.js';
import type { SubjectRecord } from '../../../../../src/infrastructure/kafka/subject-record.js';
import { dependencyUnavailable } from '../../../../../src/shared/exceptions/application.exception.js';
import { DomainException } from '../../../../../src/shared/exceptions/domain.exception.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';

Logger.overrideLogger(false);

const TOPIC = 'identity-events';

let holds: PartitionHolds;
let deadLetters: string[];
let deadLetterFailure: Error | null;
let committed: string[];
let paused: number;
let lag: number[];
let isStopped: boolean;

beforeEach(() => {
  holds = new PartitionHolds({ minMs: 60_000, maxMs: 60_000 });
  deadLetters = [];
  deadLetterFailure = null;
  committed = [];
  paused = 0;
  lag = [];
  isStopped = false;
});

afterEach(() => {
  holds.close();
});

/** Processes messages 0 to `count` - 1 of partition 2, whose topic holds `end` messages. */
async function process(handle: MessageHandler, count: number, end = count): Promise<void> {
  const messages = Array.from(
    { length: count },
    (_, offset) => ({ offset: String(offset), key: null, value: null, timestamp: '0' }) as KafkaMessage,
  );
  let resolved = '';
  const payload = {
    batch: { topic: TOPIC, partition: 2, highWatermark: String(end), messages, firstOffset: () => '0' },
    isRunning: () => true,
    isStale: () => false,
    resolveOffset: (offset: string) => (resolved = offset),
    uncommittedOffsets: () => ({ topics: [] }),
    commitOffsetsIfNecessary: async () => void committed.push(resolved),
    heartbeat: () => Promise.resolve(),
    pause: () => {
      paused++;
      return () => undefined;
    },
  } as unknown as EachBatchPayload;
  const producer = {
    send: async (records: readonly SubjectRecord[]) => {
      if (deadLetterFailure !== null) throw deadLetterFailure;
      deadLetters.push(...records.map(({ headers }) => String(headers['dlq-source-offset'])));
    },
  };
  const processor = new BatchProcessor({
    topic: TOPIC,
    judge: new MessageJudge(TOPIC, handle, holds),
    deadLetters: producer as unknown as KafkaProducer,
    holds,
    lag: { record: (_partition: number, messages: number) => lag.push(messages) } as unknown as ConsumerLag,
    clock: new FixedClock(),
    isStopped: () => isStopped,
  });
  await processor.process(payload);
}

const offsetOf = (origin: string): number => Number(origin.split('/').at(-1));
const poison = new DomainException('message_invalid');
const unavailable = dependencyUnavailable('database', null);

/** Handles every message except those that an error is given for. */
const failing =
  (errors: Readonly<Record<number, Error>>): MessageHandler =>
  ({ origin }) => {
    const error = errors[offsetOf(origin)];
    return error === undefined ? Promise.resolve('handled') : Promise.reject(error);
  };

describe('BatchProcessor', () => {
  it('commits after each chunk of 250 messages and records the lag', async () => {
    await process(failing({}), 600, 1_000);
    expect(committed).toEqual(['249', '499', '599']);
    expect(lag).toEqual([750, 500, 400]);
    expect(paused).toBe(0);
  });

  it('commits the messages before the first one that must be retried, and pauses the partition', async () => {
    await process(failing({ 2: unavailable, 4: unavailable }), 6);
    expect({ committed, paused, lag }).toEqual({ committed: ['1'], paused: 1, lag: [4] });
    expect(holds.countAttempts(2, '2')).toBe(1);
  });

  it('commits nothing when the first message must be retried', async () => {
    await process(failing({ 0: unavailable }), 3, 5);
    expect({ committed, paused, lag }).toEqual({ committed: [], paused: 1, lag: [5] });
  });

  it('stores a dead letter and continues with the next message', async () => {
    await process(failing({ 1: poison }), 3);
    expect({ deadLetters, committed, paused }).toEqual({ deadLetters: ['1'], committed: ['2'], paused: 0 });
  });

  it('stores no dead letter behind a message that must be retried', async () => {
    await process(failing({ 0: poison, 1: unavailable, 2: poison }), 3);
    expect({ deadLetters, committed, paused }).toEqual({ deadLetters: ['0'], committed: ['0'], paused: 1 });
  });

  it('holds the partition at a dead letter that cannot be stored', async () => {
    deadLetterFailure = new Error('no leader');
    await process(failing({ 1: poison }), 3);
    expect({ committed, paused }).toEqual({ committed: ['0'], paused: 1 });
    expect(holds.countAttempts(2, '1')).toBe(1);
  });

  it('starts no further chunk once the consumer is stopped', async () => {
    await process(async () => {
      isStopped = true;
      return 'handled';
    }, 600);
    expect(committed).toEqual(['249']);
  });
});
