import { Logger } from '@nestjs/common';
import { CompressionTypes, type Kafka, type Message, type Producer } from 'kafkajs';
import type { KafkaConfig } from '../../config/kafka.config.js';
import { endsWithin } from '../../shared/utils/timeout.util.js';
import { disconnect, REQUEST_TIMEOUT_MS } from './kafka-client.js';
import { ensureTopic } from './kafka-topics.js';
import { partitionOf } from './partitioner.js';

/** Brokers take 1 MiB a request unless told otherwise; headers and framing need some of it. */
const MAX_REQUEST_BYTES = 700_000;
const CLOSE_TIMEOUT_MS = 500;

/** A record whose partition follows from whom it is about, not from its key. */
export interface SubjectRecord {
  readonly subject: string;
  /** Overrides what follows from the subject. */
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
 * Sends records to one topic, each call after the one before, all replicas acknowledging. What the rules are for:
 *
 * - One call at a time, `maxInFlightRequests: 1`: an idempotent kafkajs producer takes back its sequence number when a
 *   request fails. Had another request been waiting, it would go out under the numbers of the failed one, and a broker
 *   that did store that one would take it for a repeat: acknowledged, and lost.
 * - A new producer after every failure, for the same reason, and because one whose numbers have gone wrong (Kafka's
 *   errors 45, 46, 47, 65) never recovers.
 * - Within a call kafkajs repeats what fails, at most twice, to the same partitions even if the topic grows meanwhile:
 *   such repeats the broker recognises.
 * - Connects on first use, so that nobody needs Kafka to start.
 */
export class KafkaProducer {
  private readonly logger = new Logger(KafkaProducer.name);
  private producer: Producer | null = null;
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly kafka: Kafka,
    private readonly config: KafkaConfig,
    private readonly topic: string,
  ) {}

  /** @throws when any of the records may not have been stored */
  async send(records: readonly SubjectRecord[]): Promise<void> {
    const turn = this.last.then(() => this.sendInTurn(records));
    this.last = turn.catch(() => undefined); // its sender hears of it; the next one starts anew
    await turn;
  }

  /** Creates the topic if it must, before it is needed. Says what goes wrong in the debug log only: sending tells. */
  async prepare(): Promise<void> {
    await ensureTopic(this.kafka, this.topic, this.config.newTopics).catch((error: unknown) => {
      this.logger.debug(`Topic ${this.topic} could not be looked at: ${String(error)}`);
    });
  }

  /** Waits a moment for what is being sent, then cuts it off: its sender hears that it failed. */
  async close(): Promise<void> {
    await endsWithin(this.last, CLOSE_TIMEOUT_MS);
    await this.discard();
  }

  private async sendInTurn(records: readonly SubjectRecord[]): Promise<void> {
    try {
      this.producer ??= await this.connect();
      for (const batch of bySize(records)) {
        const messages = batch.map((record): KafkaMessage => ({ ...record, headers: { ...record.headers } }));
        const stored = await this.producer.send({
          topic: this.topic,
          acks: -1,
          timeout: REQUEST_TIMEOUT_MS,
          compression: this.config.compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None,
          messages,
        });
        // kafkajs drops what is meant for a partition that is not there, and says nothing.
        const partitions = new Set(stored.map(({ partition }) => partition));
        const lost = messages.find(({ partition }) => partition === undefined || !partitions.has(partition));
        if (lost !== undefined)
          throw new Error(`Topic ${this.topic} has no partition ${lost.partition ?? '?'}`);
      }
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  private async connect(): Promise<Producer> {
    await ensureTopic(this.kafka, this.topic, this.config.newTopics);
    const producer = this.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      // Only where the topic could not be created, and the broker makes topics by itself.
      allowAutoTopicCreation: true,
      createPartitioner:
        () =>
        ({ message, partitionMetadata }) =>
          // Remembered for the repeats of this call.
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

  private async discard(): Promise<void> {
    const { producer } = this;
    this.producer = null;
    if (producer !== null) await disconnect(producer);
  }
}

/** Cuts records into requests that a broker with default limits takes; a single larger record goes alone. */
function* bySize(records: readonly SubjectRecord[]): Generator<readonly SubjectRecord[]> {
  let start = 0;
  let bytes = 0;
  for (const [index, record] of records.entries()) {
    const size = sizeOf(record);
    if (index > start && bytes + size > MAX_REQUEST_BYTES) {
      yield records.slice(start, index);
      start = index;
      bytes = 0;
    }
    bytes += size;
  }
  if (start < records.length) yield records.slice(start);
}

/** What a record takes on the wire, roughly, before compression. */
function sizeOf({ key, value, headers }: SubjectRecord): number {
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

/** Whether the broker will never take these records as they are: one of them, or all together, are too large. */
export function isTooLarge(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('type' in error && TOO_LARGE.has(String(error.type))) || isTooLarge(error.cause);
}
