import { createHash } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { Kafka, logLevel, type ICustomPartitioner, type Message, type Producer } from 'kafkajs';
import type { KafkaConfig } from '../../config/kafka.config.js';
import { toWireValue, type EventTransport, type OutboundMessage } from './event-transport.js';

const CONNECT_TIMEOUT_MS = 1000;
const REQUEST_TIMEOUT_MS = 5000;

interface SubjectMessage extends Message {
  readonly subject: string;
}

/**
 * Publishes to Kafka. Connects on first use and makes a new producer after every failure: kafkajs keeps an idempotent
 * producer whose sequence numbers have gone wrong for ever. Tries little by itself; who sends decides about retries.
 */
export class KafkaEventTransport implements EventTransport {
  private readonly logger = new Logger(KafkaEventTransport.name);
  private readonly kafka: Kafka;
  private producer: Promise<Producer> | null = null;

  constructor(private readonly config: KafkaConfig) {
    this.kafka = new Kafka({
      clientId: 'analytics-presence-service',
      brokers: [...config.brokers],
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      retry: { retries: 1, initialRetryTime: 200, maxRetryTime: 1000 },
      // What goes wrong is thrown, and logged once by whoever sent.
      logLevel: logLevel.NOTHING,
    });
  }

  async send(messages: readonly OutboundMessage[]): Promise<void> {
    await this.withProducer((producer) =>
      producer.send({
        topic: this.config.topicAnalytics,
        acks: -1,
        timeout: REQUEST_TIMEOUT_MS,
        messages: messages.map((message): SubjectMessage => ({
          subject: message.subject,
          key: message.eventType,
          value: toWireValue(message),
          headers: {
            'event-id': message.eventId,
            'event-type': message.eventType,
            'content-type': 'application/json',
          },
        })),
      }),
    );
  }

  /** Over a connection of its own: an idle producer does not notice that its brokers have gone. */
  async check(): Promise<void> {
    const admin = this.kafka.admin();
    try {
      await admin.connect();
      await admin.describeCluster();
    } finally {
      await admin.disconnect().catch((error: unknown) => this.logClose(error));
    }
  }

  async close(): Promise<void> {
    const { producer } = this;
    this.producer = null;
    await producer?.then((p) => p.disconnect()).catch((error: unknown) => this.logClose(error));
  }

  private async withProducer<T>(work: (producer: Producer) => Promise<T>): Promise<T> {
    this.producer ??= this.connect();
    try {
      return await work(await this.producer);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  private async connect(): Promise<Producer> {
    const producer = this.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: true,
      createPartitioner: bySubject,
    });
    await producer.connect();
    return producer;
  }

  private logClose(error: unknown): void {
    this.logger.debug(`A connection to Kafka did not close cleanly: ${String(error)}`);
  }
}

/** The key is the event type, for subscribers to filter on; the subject decides the partition and so the order. */
const bySubject: ICustomPartitioner = () => {
  return ({ message, partitionMetadata }) =>
    partitionOf((message as SubjectMessage).subject, partitionMetadata.length);
};

/** Stable across releases and languages: the first four bytes of SHA-1, big-endian, modulo the number of partitions. */
export function partitionOf(subject: string, partitions: number): number {
  return createHash('sha1').update(subject).digest().readUInt32BE() % partitions;
}
