import { setTimeout as delay } from 'node:timers/promises';
import { Producer, stringSerializers, type MessageToProduce } from '@platformatic/kafka';
import type { KafkaConfig } from '../../../config/kafka.config.js';
import { kafkaProduceDurationSeconds } from '../../../shared/metrics/kafka-metrics.js';
import { settleWithin } from '../../../shared/utils/timeout.util.js';
import { backoffMs } from '../../system/backoff.js';
import type { EventRecord } from '../event-record.js';
import { REQUEST_TIMEOUT_MS } from '../kafka-client.js';
import { partitionOf } from '../partitioner.js';
import { splitBySize } from '../subject-record.js';
import { Turns } from '../turns.js';
import { PlatformaticConnections } from './platformatic-connections.js';
import { PublishingError, storedDespite } from './platformatic-errors.js';
import { platformaticOptions } from './platformatic-options.js';
import { ensurePlatformaticTopic, withPlatformaticAdmin } from './platformatic-topics.js';

const CLOSE_TIMEOUT_MS = 500;
const MAX_ATTEMPTS = 3;
const BOUNDS = { minMs: 100, maxMs: 1000 };
/** Bounds an attempt whose answer the library loses; it has time-outs of its own for each request. */
const ATTEMPT_TIMEOUT_MS = 3 * REQUEST_TIMEOUT_MS;

type TextMessage = MessageToProduce<string, string, string, string> & { readonly partition: number };

interface OpenProducer {
  readonly producer: Producer<string, string, string, string>;
  readonly connections: PlatformaticConnections;
}

/**
 * Sends events to one topic, one call at a time, by the rules of ADR 0009: idempotent, and with a new producer after
 * a failure that repeats under the same numbers did not heal. Connects on first use.
 */
export class PlatformaticProducer {
  private open: OpenProducer | null = null;
  private readonly turns = new Turns();

  constructor(
    private readonly config: KafkaConfig,
    private readonly topic: string,
  ) {
    for (const outcome of ['acknowledged', 'failed']) kafkaProduceDurationSeconds.zero({ topic, outcome });
  }

  /** @throws PublishingError when any of the records may not have been stored */
  send(records: readonly EventRecord[]): Promise<void> {
    return this.turns.run(() => this.sendInTurn(records));
  }

  /** Waits for the in-flight call within a time limit; a call that takes longer fails. */
  async close(): Promise<void> {
    await this.turns.endWithin(CLOSE_TIMEOUT_MS);
    await this.discard();
  }

  private async sendInTurn(records: readonly EventRecord[]): Promise<void> {
    const endTimer = kafkaProduceDurationSeconds.startTimer({ topic: this.topic });
    try {
      this.open ??= await this.connect();
      for (const batch of splitBySize(records)) await this.store(this.open, batch);
      endTimer({ outcome: 'acknowledged' });
    } catch (error) {
      endTimer({ outcome: 'failed' });
      await this.discard();
      throw error instanceof PublishingError ? error : new PublishingError(error);
    }
  }

  private async connect(): Promise<OpenProducer> {
    await withPlatformaticAdmin(this.config, (admin) =>
      ensurePlatformaticTopic(admin, this.topic, this.config),
    );
    const producer = new Producer({
      ...platformaticOptions(this.config),
      idempotent: true,
      // Applies when the topic could not be created and the broker creates topics by itself.
      autocreateTopics: true,
      compression: this.config.compression,
      serializers: stringSerializers,
    });
    return { producer, connections: new PlatformaticConnections(producer) };
  }

  /** Repeats what was not stored under the same numbers, so that the broker recognizes what it stored. */
  private async store(
    { producer, connections }: OpenProducer,
    records: readonly EventRecord[],
  ): Promise<void> {
    let waiting: readonly TextMessage[] | null = null;
    for (let attempt = 1; ; attempt++) {
      try {
        // A record keeps its partition over the repeats, even when the topic grows.
        waiting ??= await settleWithin(this.assign(producer, records), ATTEMPT_TIMEOUT_MS);
        await settleWithin(producer.send({ messages: [...waiting] }), ATTEMPT_TIMEOUT_MS);
        return;
      } catch (error) {
        const failure = new PublishingError(error);
        if (attempt >= MAX_ATTEMPTS || producer.closed || !failure.isTransient) throw failure;
        const stored = storedDespite(error);
        waiting = waiting?.filter(({ partition }) => !stored.has(partition)) ?? null;
        if (waiting?.length === 0) return;
        if (failure.isConnectionError) connections.drop();
        producer.clearMetadata();
        await delay(backoffMs(attempt, BOUNDS));
      }
    }
  }

  private async assign(
    producer: OpenProducer['producer'],
    records: readonly EventRecord[],
  ): Promise<TextMessage[]> {
    const { topic } = this;
    const { topics } = await producer.metadata({ topics: [topic], autocreateTopics: true });
    const partitions = topics.get(topic)?.partitionsCount ?? 0;
    if (partitions === 0) throw new Error(`Topic ${topic} has no partitions`);
    return records.map(({ subject, key, value, headers }) => ({
      topic,
      key,
      value,
      headers: { ...headers },
      partition: partitionOf(subject, partitions),
    }));
  }

  private async discard(): Promise<void> {
    const { open } = this;
    this.open = null;
    await open?.connections.close();
  }
}
