import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ITopicConfig } from 'kafkajs';
import type { KafkaClient } from '../../../../src/infrastructure/kafka/kafka-client.js';
import { ensureTopic, withAdmin } from '../../../../src/infrastructure/kafka/kafka-topics.js';

/** Stands in for a broker that creates topics; the mock cluster of the integration tests creates none on request. */
class FakeKafka {
  readonly created: ITopicConfig[] = [];
  existing: string[] = ['somebody-elses'];
  refusal: Error | null = null;
  disconnected = 0;

  admin() {
    return {
      connect: () => Promise.resolve(),
      disconnect: () => {
        this.disconnected++;
        return Promise.resolve();
      },
      listTopics: () => Promise.resolve(this.existing),
      createTopics: ({ topics }: { topics: ITopicConfig[] }) => {
        if (this.refusal !== null) return Promise.reject(this.refusal);
        this.created.push(...topics);
        return Promise.resolve(true);
      },
    };
  }
}

const NEW_TOPICS = { partitions: 12, replicationFactor: 3 };

let kafka: FakeKafka;
let warnings: string[];

beforeEach(() => {
  kafka = new FakeKafka();
  warnings = [];
  const unused = (): void => undefined;
  Logger.overrideLogger({
    log: unused,
    error: unused,
    debug: unused,
    warn: (text: string) => void warnings.push(text),
  });
});

afterEach(() => {
  Logger.overrideLogger(false);
});

const ensure = (topic: string) =>
  withAdmin(kafka as unknown as KafkaClient, (admin) => ensureTopic(admin, topic, NEW_TOPICS));

describe('ensureTopic()', () => {
  it('creates a topic with the configured partitions and replication factor', async () => {
    await ensure('created');
    expect(kafka.created).toEqual([{ topic: 'created', numPartitions: 12, replicationFactor: 3 }]);
    expect(kafka.disconnected).toBe(1);
  });

  it.each(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'])(
    'logs no refusal while brokers answer %s about the topic that was just created',
    async (type) => {
      kafka.refusal = Object.assign(new Error('not yet'), { name: 'KafkaJSProtocolError', type });
      await ensure(`young-${type}`);
      expect(warnings).toEqual([]);
    },
  );

  it('leaves an existing topic unchanged', async () => {
    kafka.existing = ['there'];
    await ensure('there');
    expect(kafka.created).toEqual([]);
  });

  it('logs the command once when the broker refuses to create the topic', async () => {
    kafka.refusal = Object.assign(new Error('refused'), {
      name: 'KafkaJSAggregateError',
      errors: [new Error('Not authorized to access topics')],
    });
    await ensure('refused');
    await ensure('refused');
    expect(warnings).toEqual([
      'Topic refused does not exist and could not be created (Not authorized to access topics). Unless the broker makes ' +
        'topics by itself, create it: kafka-topics.sh --create --topic refused --partitions 12',
    ]);
  });

  it('fails when Kafka does not answer, because the topic may exist with other partitions', async () => {
    kafka.refusal = Object.assign(new Error('timed out'), { name: 'KafkaJSRequestTimeoutError' });
    await expect(ensure('unknown')).rejects.toThrow('timed out');
    expect(kafka.disconnected).toBe(1);
    expect(warnings).toEqual([]);
  });
});
