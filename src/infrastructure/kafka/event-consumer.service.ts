import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Consumer } from 'kafkajs';
import type { KafkaConfig } from '../../config/kafka.config.js';
import type { IClock } from '../../application/ports/clock.port.js';
import { NO_TRACER, type ITracer } from '../../application/ports/tracer.port.js';
import type { IEventConsumer, MessageHandler } from '../../application/ports/event-consumer.port.js';
import { consumerJoined, consumerMessagesTotal, consumerRetriesTotal } from '../../shared/metrics/metrics.js';
import { endsWithin } from '../../shared/utils/timeout.util.js';
import { backoffMs } from '../system/backoff.js';
import { BatchProcessor } from './consumer/batch-processor.js';
import { ConsumerLag } from './consumer/consumer-lag.js';
import { MessageJudge } from './consumer/message-judge.js';
import { PartitionHolds } from './consumer/partition-holds.js';
import { deadLetterTopicOf } from './dead-letters/dead-letter.js';
import { createKafkaClient, endFetching, type KafkaClient } from './kafka-client.js';
import { continueTraces } from './consumer/continue-traces.js';
import { KafkaProducer } from './kafka-producer.js';

/** Bounds the time that a recovered broker or database waits for the next attempt. */
const MAX_BACKOFF_MS = 3_000;
const REBALANCE_TIMEOUT_MS = 30_000;
const MAX_WAIT_MS = 500;
/** Bounds a wait at shutdown; with the relay and the heartbeats the waits stay below ten seconds. */
const STOP_TIMEOUT_MS = 2_000;

export interface ConsumerTiming {
  /** Base of the backoff, which doubles with each attempt. */
  readonly minBackoffMs: number;
  /** Time after which other replicas take over the partitions of a process that died. */
  readonly sessionTimeoutMs: number;
  /** Age at which the partitions of the topic are asked for again, to find those that were added. */
  readonly metadataMaxAgeMs?: number;
}

const TIMING = { minBackoffMs: 250, sessionTimeoutMs: 10_000, metadataMaxAgeMs: 30_000 };

/**
 * Consumes the identity topic at least once, by the rules of {@link BatchProcessor}.
 * Replaces a consumer that ends for any reason, such as a broker restart or a missing topic.
 */
export class EventConsumerService implements IEventConsumer, BeforeApplicationShutdown {
  private readonly logger = new Logger(EventConsumerService.name);
  private readonly kafka: KafkaClient;
  private readonly topic: string;
  private readonly deadLetters: KafkaProducer;
  private readonly stop = new AbortController();
  private readonly backoffBounds: { readonly minMs: number; readonly maxMs: number };
  private readonly holds: PartitionHolds;
  private readonly lag: ConsumerLag;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly config: KafkaConfig,
    private readonly clock: IClock,
    private readonly timing: ConsumerTiming = TIMING,
    private readonly tracer: ITracer = NO_TRACER,
  ) {
    this.kafka = createKafkaClient(config);
    this.topic = config.topicIdentity;
    this.deadLetters = new KafkaProducer(this.kafka, config, deadLetterTopicOf(this.topic));
    this.backoffBounds = { minMs: timing.minBackoffMs, maxMs: MAX_BACKOFF_MS };
    this.holds = new PartitionHolds(this.backoffBounds);
    this.lag = new ConsumerLag(this.topic);
    consumerJoined.set({ topic: this.topic }, 0);
    consumerRetriesTotal.inc({ topic: this.topic }, 0);
    for (const outcome of ['handled', 'skipped', 'dead_lettered'])
      consumerMessagesTotal.inc({ topic: this.topic, outcome }, 0);
  }

  start(handle: MessageHandler): void {
    const { topic, deadLetters, holds, lag, clock } = this;
    const judge = new MessageJudge(topic, continueTraces(handle, topic, this.tracer), holds);
    const isStopped = (): boolean => this.isStopped();
    // The first dead letter creates the topic if this attempt fails.
    void deadLetters.prepare();
    this.running = this.consumeUntilStopped(
      new BatchProcessor({ topic, judge, deadLetters, holds, lag, clock, isStopped }),
    );
  }

  /** Finishes and commits the messages that are being handled. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    this.holds.close();
    const ended = await endsWithin(this.running, STOP_TIMEOUT_MS);
    if (!ended) {
      this.logger.warn('The consumer did not stop in time; uncommitted messages are delivered again');
    }
    await this.deadLetters.close();
  }

  private isStopped(): boolean {
    return this.stop.signal.aborted;
  }

  private async consumeUntilStopped(processor: BatchProcessor): Promise<void> {
    let failures = 0;
    while (!this.isStopped()) {
      const error = await this.consume(processor, () => {
        if (failures > 0) this.logger.log(`Topic ${this.topic} is being consumed again`);
        failures = 0;
      });
      consumerJoined.set({ topic: this.topic }, 0);
      this.lag.clear();
      if (this.isStopped()) return;
      if (failures++ === 0) this.logger.warn(this.explain(error));
      const delayMs = backoffMs(failures, this.backoffBounds);
      // An abort ends the loop.
      await sleep(delayMs, undefined, { signal: this.stop.signal }).catch(() => undefined);
    }
  }

  /**
   * Runs one kafkajs consumer until it ends.
   *
   * @returns the error that ended it
   */
  private async consume(processor: BatchProcessor, onJoin: () => void): Promise<unknown> {
    const consumer = this.createConsumer();
    const crashed = new Promise<unknown>((resolve) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        resolve(payload.error);
      });
    });
    consumer.on(consumer.events.GROUP_JOIN, () => {
      this.lag.clear();
      consumerJoined.set({ topic: this.topic }, 1);
      onJoin();
    });
    endFetching(consumer, () => this.isStopped());
    try {
      await consumer.connect();
      // A group without committed offsets starts at the oldest message.
      await consumer.subscribe({ topic: this.topic, fromBeginning: true });
      await consumer.run({
        eachBatchAutoResolve: false,
        eachBatch: (payload) => processor.process(payload),
      });
    } catch (error) {
      await this.disconnect(consumer);
      return error;
    }
    // A shutdown resolves this too; the consumer has disconnected by then.
    return crashed;
  }

  private createConsumer(): Consumer {
    return this.kafka.consumer({
      groupId: this.config.consumerGroup,
      sessionTimeout: this.timing.sessionTimeoutMs,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: this.timing.sessionTimeoutMs / 5,
      maxWaitTimeInMs: MAX_WAIT_MS,
      metadataMaxAge: this.timing.metadataMaxAgeMs ?? TIMING.metadataMaxAgeMs,
      // The publisher of the topic creates it.
      allowAutoTopicCreation: false,
      // kafkajs bridges some seconds as the same member; longer outages end in consumeUntilStopped().
      retry: {
        retries: 6,
        initialRetryTime: 200,
        maxRetryTime: 3000,
        restartOnFailure: () => Promise.resolve(false),
      },
    });
  }

  /** Closes a consumer that is not running. */
  private async disconnect(consumer: Consumer): Promise<void> {
    const closed = await endsWithin(consumer.disconnect(), STOP_TIMEOUT_MS).catch(() => false);
    if (!closed)
      this.logger.debug('A consumer did not disconnect cleanly; its session expires at the broker');
  }

  private explain(error: unknown): string {
    const missing = (error as { readonly type?: unknown } | null)?.type === 'UNKNOWN_TOPIC_OR_PARTITION';
    return missing
      ? `Topic ${this.topic} does not exist yet; it is consumed as soon as it does`
      : `Topic ${this.topic} is not being consumed, which is tried again: ${String(error)}`;
  }
}
