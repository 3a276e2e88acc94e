import { Logger } from '@nestjs/common';
import { CompressionTypes, type Message, type Producer } from 'kafkajs';
import type { KafkaConfig } from '../../config/kafka.config.js';
import { kafkaProduceDurationSeconds } from '../../shared/metrics/kafka-metrics.js';
import { endsWithin } from '../../shared/utils/timeout.util.js';
import { disconnect, REQUEST_TIMEOUT_MS, type KafkaClient } from './kafka-client.js';
import { ensureTopic, withAdmin } from './kafka-topics.js';
import { partitionOf } from './partitioner.js';

/** Stays below the brokers' default limit of 1 MiB a request, of which headers and framing need a part. */
const MAX_REQUEST_BYTES = 700_000;
const CLOSE_TIMEOUT_MS = 500;

/** Record whose partition follows from its subject, not from its key. */
export interface SubjectRecord {
  readonly subject: string;
  /** Overrides the partition of the subject. */
  readonly partition?: number;
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers: Readonly<Record<string, string | Buffer | (string | Buffer)[] | undefined>>;
}

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
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly kafka: KafkaClient,
    private readonly config: KafkaConfig,
    private readonly topic: string,
  ) {
    for (const outcome of ['acknowledged', 'failed']) kafkaProduceDurationSeconds.zero({ topic, outcome });
  }

  /** @throws Error when any of the records may not have been stored */
  async send(records: readonly SubjectRecord[]): Promise<void> {
    const turn = this.last.then(() => this.sendInTurn(records));
    // The caller of this turn receives the error; the next turn starts with a new producer.
    this.last = turn.catch(() => undefined);
    await turn;
  }

  /** Creates a missing topic early. Logs failures for debugging only, because `send()` repeats the attempt. */
  async prepare(): Promise<void> {
    await this.ensureTopic().catch((error: unknown) => {
      this.logger.debug(`Topic ${this.topic} could not be checked: ${String(error)}`);
    });
  }

  /** Waits for the in-flight call within a time limit; a call that takes longer fails. */
  async close(): Promise<void> {
    await endsWithin(this.last, CLOSE_TIMEOUT_MS);
    await this.discard();
  }

  private async sendInTurn(records: readonly SubjectRecord[]): Promise<void> {
    const endTimer = kafkaProduceDurationSeconds.startTimer({ topic: this.topic });
    try {
      this.producer ??= await this.connect();
      for (const batch of splitBySize(records)) {
        const messages = batch.map((record): KafkaMessage => ({ ...record, headers: { ...record.headers } }));
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

/** Splits records into requests within a broker's default limit; a single larger record goes alone. */
function* splitBySize(records: readonly SubjectRecord[]): Generator<readonly SubjectRecord[]> {
  let start = 0;
  let bytes = 0;
  for (const [index, record] of records.entries()) {
    const size = estimateSize(record);
    if (index > start && bytes + size > MAX_REQUEST_BYTES) {
      yield records.slice(start, index);
      start = index;
      bytes = 0;
    }
    bytes += size;
  }
  if (start < records.length) yield records.slice(start);
}

/** Estimates the bytes of a record on the wire before compression. */
function estimateSize({ key, value, headers }: SubjectRecord): number {
  let size = 100 + sizeOfPart(key) + sizeOfPart(value);
  for (const [name, parts] of Object.entries(headers)) {
    if (Array.isArray(parts)) for (const part of parts) size += 10 + name.length + sizeOfPart(part);
    else size += 10 + name.length + sizeOfPart(parts ?? null);
  }
  return size;
}

function sizeOfPart(part: string | Buffer | null): number {
  if (part === null) return 0;
  return typeof part === 'string' ? Buffer.byteLength(part) : part.length;
}

const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/** True when the broker refused the records for their size, alone or together. */
export function isTooLarge(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('type' in error && TOO_LARGE.has(String(error.type))) || isTooLarge(error.cause);
}
