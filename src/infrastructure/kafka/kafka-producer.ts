import { Logger } from '@nestjs/common';
import { CompressionTypes, type Message, type Producer } from 'kafkajs';
import type { KafkaConfig } from '../../config/kafka.config.js';
import { kafkaProduceDurationSeconds } from '../../shared/metrics/kafka-metrics.js';
import { disconnect, REQUEST_TIMEOUT_MS, type KafkaClient } from './kafka-client.js';
import { ensureTopic, withAdmin } from './kafka-topics.js';
import { partitionOf } from './partitioner.js';
import { splitBySize, type SubjectRecord } from './subject-record.js';
import { Turns } from './turns.js';

const CLOSE_TIMEOUT_MS = 500;

interface KafkaMessage extends Message {
  readonly subject: string;
  partition?: number;
}

/**
 * Sends records to one topic, one call at a time, and replaces its kafkajs producer after every failure.
 * ADR 0009 says why. Connects on first use, so that the service starts without Kafka.
 */
export class KafkaProducer {
  private readonly logger = new Logger(KafkaProducer.name);
  private producer: Producer | null = null;
  private readonly turns = new Turns();

  constructor(
    private readonly kafka: KafkaClient,
    private readonly config: KafkaConfig,
    private readonly topic: string,
  ) {
    for (const outcome of ['acknowledged', 'failed']) kafkaProduceDurationSeconds.zero({ topic, outcome });
  }

  /** @throws Error when any of the records may not have been stored */
  send(records: readonly SubjectRecord[]): Promise<void> {
    return this.turns.run(() => this.sendInTurn(records));
  }

  /** Creates a missing topic early. Logs failures for debugging only, because `send()` repeats the attempt. */
  async prepare(): Promise<void> {
    await this.ensureTopic().catch((error: unknown) => {
      this.logger.debug(`Topic ${this.topic} could not be checked: ${String(error)}`);
    });
  }

  /** Waits for the in-flight call within a time limit; a call that takes longer fails. */
  async close(): Promise<void> {
    await this.turns.endWithin(CLOSE_TIMEOUT_MS);
    await this.discard();
  }

  private async sendInTurn(records: readonly SubjectRecord[]): Promise<void> {
    const endTimer = kafkaProduceDurationSeconds.startTimer({ topic: this.topic });
    try {
      this.producer ??= await this.connect();
      for (const batch of splitBySize(records)) {
        const messages = batch.map((record): KafkaMessage => ({
          ...record,
          headers: record.headers,
        }));
        const stored = await this.producer.send({
          topic: this.topic,
          acks: -1,
          timeout: REQUEST_TIMEOUT_MS,
          compression: this.config.compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None,
          messages,
        });
        // kafkajs silently drops records for a partition that does not exist.
        const partitions = new Set(stored.map(({ partition }) => partition));
        const lost = messages.find(({ partition }) => partition === undefined || !partitions.has(partition));
        if (lost !== undefined)
          throw new Error(`Topic ${this.topic} has no partition ${lost.partition ?? '?'}`);
      }
      endTimer({ outcome: 'acknowledged' });
    } catch (error) {
      endTimer({ outcome: 'failed' });
      await this.discard();
      throw error;
    }
  }

  private async connect(): Promise<Producer> {
    await this.ensureTopic();
    const producer = this.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      // Applies when ensureTopic() may not create the topic and the broker creates topics by itself.
      allowAutoTopicCreation: true,
      createPartitioner:
        () =>
        ({ message, partitionMetadata }) =>
          // Repeats of this call must go to the same partition.
          ((message as KafkaMessage).partition ??= partitionOf(
            (message as KafkaMessage).subject,
            partitionMetadata.length,
          )),
    });
    try {
      await producer.connect();
    } catch (error) {
      await disconnect(producer);
      throw error;
    }
    return producer;
  }

  private async ensureTopic(): Promise<void> {
    await withAdmin(this.kafka, (admin) => ensureTopic(admin, this.topic, this.config.newTopics));
  }

  private async discard(): Promise<void> {
    const { producer } = this;
    this.producer = null;
    if (producer !== null) await disconnect(producer);
  }
}

const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/** True when the broker refused the records for their size, alone or together. */
export function isTooLarge(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('type' in error && TOO_LARGE.has(String(error.type))) || isTooLarge(error.cause);
}

/** Errors of kafkajs that a check with new connections finds as well, or finds healed. */
const CONNECTION_ERRORS = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSBrokerNotFound',
]);

/** True when the connection failed, and the broker refused nothing. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return CONNECTION_ERRORS.has(error.name) || isConnectionError(error.cause);
}
