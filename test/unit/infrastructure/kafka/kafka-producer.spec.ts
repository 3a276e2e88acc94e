import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  CompressionTypes,
  type Kafka,
  type Message,
  type PartitionMetadata,
  type ProducerConfig,
  type ProducerRecord,
} from 'kafkajs';
import { isTooLarge, KafkaProducer } from '../../../../src/infrastructure/kafka/kafka-producer.js';
import { partitionOf } from '../../../../src/infrastructure/kafka/partitioner.js';
import type { SubjectRecord } from '../../../../src/infrastructure/kafka/subject-record.js';
import { kafkaConfigOf } from '../../../support/kafka/config.js';

Logger.overrideLogger(false);

const TOPIC = 'test-events';

/** Stands in for the part of kafkajs that the producer uses; only here the rules of ADR 0009 are visible. */
class FakeKafka {
  readonly producers: { readonly config: ProducerConfig; connected: boolean }[] = [];
  readonly requests: ProducerRecord[] = [];
  /** Number of partitions at each attempt of a call; the attempts before the last fail. */
  attempts: number[] = [4];
  failure: Error | null = null;

  admin() {
    return {
      connect: () => Promise.resolve(),
      disconnect: () => Promise.resolve(),
      listTopics: () => Promise.resolve([TOPIC]),
    };
  }

  producer(config: ProducerConfig) {
    const made = { config, connected: false };
    this.producers.push(made);
    const partitioner = config.createPartitioner?.();
    return {
      connect: () => Promise.resolve(void (made.connected = true)),
      disconnect: () => Promise.resolve(void (made.connected = false)),
      send: (request: ProducerRecord) => {
        if (this.failure !== null) return Promise.reject(this.failure);
        this.requests.push(request);
        let chosen: number[] = [];
        for (const partitions of this.attempts) {
          const partitionMetadata = Array.from({ length: partitions }, () => ({}) as PartitionMetadata);
          chosen = request.messages.map(
            (message) => partitioner?.({ topic: TOPIC, message, partitionMetadata }) ?? -1,
          );
        }
        return Promise.resolve([...new Set(chosen)].map((partition) => ({ partition })));
      },
    };
  }
}

let kafka: FakeKafka;
let producer: KafkaProducer;

beforeEach(() => {
  kafka = new FakeKafka();
  producer = new KafkaProducer(kafka as unknown as Kafka, kafkaConfigOf('unused:9092'), TOPIC);
});

const record = (overrides: Partial<SubjectRecord> = {}): SubjectRecord => ({
  subject: 'u:1',
  key: 'key',
  value: 'value',
  headers: {},
  ...overrides,
});

describe('KafkaProducer', () => {
  it('is idempotent and has one request in flight', async () => {
    await producer.send([record()]);
    expect(kafka.producers.map(({ config }) => config)).toMatchObject([
      { idempotent: true, maxInFlightRequests: 1 },
    ]);
  });

  it('replaces its kafkajs producer after a failure, and only then', async () => {
    await producer.send([record()]);
    await producer.send([record()]);
    expect(kafka.producers).toHaveLength(1);
    kafka.failure = new Error('out of order sequence');
    await expect(producer.send([record()])).rejects.toThrow('out of order sequence');
    expect(kafka.producers[0]?.connected).toBe(false);
    kafka.failure = null;
    await producer.send([record()]);
    expect(kafka.producers).toHaveLength(2);
  });

  it('repeats to the same partition when the topic has grown meanwhile', async () => {
    kafka.attempts = [4, 7, 12];
    await producer.send([record(), record({ subject: 'u:2' })]);
    const partitions = kafka.requests[0]?.messages.map(({ partition }: Message) => partition);
    expect(partitions).toEqual([partitionOf('u:1', 4), partitionOf('u:2', 4)]);
    expect(partitionOf('u:1', 4)).not.toBe(partitionOf('u:1', 12));
  });

  it('requests the acknowledgement of all replicas', async () => {
    await producer.send([record()]);
    expect(kafka.requests[0]).toMatchObject({ topic: TOPIC, acks: -1 });
  });

  it.each([
    ['gzip', CompressionTypes.GZIP],
    ['none', CompressionTypes.None],
  ] as const)('compresses as configured: %s', async (compression, type) => {
    const config = kafkaConfigOf('unused:9092', { compression });
    await new KafkaProducer(kafka as unknown as Kafka, config, TOPIC).send([record()]);
    expect(kafka.requests[0]).toMatchObject({ compression: type });
  });

  it('splits large calls into requests within the limit, headers included, and sends a larger record alone', async () => {
    const large = 'x'.repeat(300_000);
    await producer.send([
      record({ value: large }),
      record({ headers: { baggage: large } }),
      record({ headers: { baggage: [large, 'y'] } }),
      record({ value: 'z'.repeat(2_000_000) }),
      record(),
    ]);
    expect(kafka.requests.map(({ messages }) => messages.length)).toEqual([2, 1, 1, 1]);
  });

  it('sends nothing without records', async () => {
    await producer.send([]);
    expect(kafka.requests).toEqual([]);
  });
});

describe('isTooLarge()', () => {
  const typed = (type: string, cause?: Error) => Object.assign(new Error(type, { cause }), { type });

  it.each(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])('recognises %s, wrapped or not', (type) => {
    expect(isTooLarge(typed(type))).toBe(true);
    expect(isTooLarge(new Error('retries exceeded', { cause: typed(type) }))).toBe(true);
  });

  it('is false for other failures', () => {
    expect(isTooLarge(typed('NOT_LEADER_FOR_PARTITION'))).toBe(false);
    expect(isTooLarge(new Error('x'))).toBe(false);
    expect(isTooLarge('MESSAGE_TOO_LARGE')).toBe(false);
  });
});
