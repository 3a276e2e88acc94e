import { randomUUID } from 'node:crypto';

import { expect } from '@jest/globals';
import type { IHeaders, Kafka, KafkaMessage } from 'kafkajs';

import type { KafkaConfig } from '../../../src/config/kafka.config.js';
import {
  deadLetterTopicOf,
  sourceOf,
  toDeadLetter,
} from '../../../src/infrastructure/kafka/dead-letters/dead-letter.js';
import { KafkaDeadLetters } from '../../../src/infrastructure/kafka/dead-letters/kafka-dead-letters.js';
import type {
  DeadLetter,
  DeadLetterSelection,
  ReplayOutcome,
  ReplayProgress,
} from '../../../src/application/ports/dead-letters.port.js';
import { createKafkaClient } from '../../../src/infrastructure/kafka/kafka-client.js';
import { KafkaProducer } from '../../../src/infrastructure/kafka/kafka-producer.js';
import type { SubjectRecord } from '../../../src/infrastructure/kafka/subject-record.js';
import { NOON } from '../builders.js';
import { clientOf } from './client.js';
import type { ProxiedKafka } from './cluster.js';
import { kafkaConfigOf } from './config.js';
import { readTopicWithKcat } from './kcat.js';
import { endsOf, makeTopic } from './topics.js';

export const EVERY_DEAD_LETTER: DeadLetterSelection = {
  reason: null,
  since: null,
  until: null,
  sources: null,
  limit: null,
};

export interface Letter {
  readonly partition?: number;
  readonly offset: number | string;
  readonly reason?: string;
  readonly failedAt?: Date;
  readonly key?: Buffer | null;
  readonly value?: Buffer | null;
  readonly headers?: IHeaders;
}

export interface Replayed extends ReplayOutcome {
  readonly selected: readonly DeadLetter[];
}

/** A new identity topic and its dead-letter topic, with what a replay test does to them. */
export class DeadLetterTopics {
  readonly topic = `identity-${randomUUID()}`;
  readonly deadLetterTopic = deadLetterTopicOf(this.topic);
  readonly config: KafkaConfig;
  readonly feeder: KafkaProducer;

  constructor(private readonly kafka: ProxiedKafka) {
    this.config = kafkaConfigOf(kafka.brokers, { topicIdentity: this.topic, consumerGroup: 'dlq-test' });
    this.feeder = new KafkaProducer(createKafkaClient(this.config), this.config, this.deadLetterTopic);
  }

  close(): Promise<void> {
    return this.feeder.close();
  }

  /** Builds the dead letter that the consumer writes when it cannot handle a message of the identity topic. */
  deadLetter({ partition = 0, offset, headers = {}, ...letter }: Letter): SubjectRecord {
    const message: KafkaMessage = {
      key: letter.key === undefined ? Buffer.from('user.account.created') : letter.key,
      value: letter.value === undefined ? Buffer.from(`{"number":"${partition}/${offset}"}`) : letter.value,
      offset: String(offset),
      timestamp: String(Date.parse(NOON)),
      attributes: 0,
      headers,
    };
    const reason = { code: letter.reason ?? 'internal_error', detail: `why of ${partition}/${offset}` };
    const source = sourceOf(this.topic, partition, message);
    return toDeadLetter(message, source, reason, letter.failedAt ?? new Date(NOON));
  }

  bury(letters: readonly Letter[]): Promise<void> {
    return this.feeder.send(letters.map((letter) => this.deadLetter(letter)));
  }

  async replay(
    selection: Partial<DeadLetterSelection> = {},
    options: {
      readonly dryRun?: boolean;
      readonly signal?: AbortSignal;
      readonly onProgress?: (progress: ReplayProgress) => void;
      readonly config?: KafkaConfig;
    } = {},
  ): Promise<Replayed> {
    const { config = this.config, ...runOptions } = options;
    const selected: DeadLetter[] = [];
    const outcome = await new KafkaDeadLetters(config, randomUUID()).replay(
      { ...EVERY_DEAD_LETTER, ...selection },
      {
        dryRun: false,
        signal: new AbortController().signal,
        onSelected: (letter) => selected.push(letter),
        ...runOptions,
      },
    );
    return { ...outcome, selected };
  }

  /** Returns a client that bypasses the proxies, so that outages do not reach it. */
  observer(): Kafka {
    return clientOf(this.kafka.steadyBrokers);
  }

  makeTopic(name: string = this.topic): Promise<void> {
    return makeTopic(this.kafka.steadyBrokers, name);
  }

  /** Returns the sources of the messages in the identity topic and expects exactly `count` of them. */
  async arrived(count: number): Promise<string[]> {
    const { messages } = await readTopicWithKcat(this.kafka.steadyBrokers, this.topic, { count });
    expect((await this.endOffsets()).reduce((sum, high) => sum + high, 0)).toBe(count);
    return messages.map(({ partition, headers }) => {
      expect(headers).toMatchObject({
        'dlq-source-topic': this.topic,
        'dlq-source-partition': String(partition),
      });
      return `${partition}:${headers['dlq-source-offset']}`;
    });
  }

  /** Returns the end of each partition of the identity topic. */
  endOffsets(): Promise<number[]> {
    return endsOf(this.kafka.steadyBrokers, this.topic);
  }

  async listTopics(): Promise<string[]> {
    const admin = this.observer().admin();
    await admin.connect();
    const names = await admin.listTopics();
    await admin.disconnect();
    return names;
  }
}
