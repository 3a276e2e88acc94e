import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import type { KafkaConfig } from '../../config/kafka.config.js';
import type { IClock } from '../../application/ports/clock.port.js';
import type { IEventConsumer, MessageHandler } from '../../application/ports/event-consumer.port.js';
import { isServiceException } from '../../shared/exceptions/service-exception.js';
import {
  consumerJoined,
  consumerLagMessages,
  consumerMessagesTotal,
  consumerRetriesTotal,
} from '../../shared/metrics/metrics.js';
import { endsWithin } from '../../shared/utils/timeout.util.js';
import { backoffMs } from '../system/backoff.js';
import {
  deadLetterTopicOf,
  sourceOf,
  toDeadLetter,
  truncated,
  type DeadLetterReason,
  type MessageSource,
} from './dead-letters/dead-letter.js';
import { createKafkaClient, endFetching } from './kafka-client.js';
import { isTooLarge, KafkaProducer, type SubjectRecord } from './kafka-producer.js';

/** Handled at once; a pool of database connections and one flush serve them. */
const CHUNK_SIZE = 250;
/** For errors that say nothing about whether another attempt could help. */
const MAX_ATTEMPTS = 5;
const MAX_BACKOFF_MS = 30_000;
const REBALANCE_TIMEOUT_MS = 30_000;
const MAX_WAIT_MS = 500;
/** The waits of a shutdown come one after the other: with relay and heartbeats they stay below ten seconds. */
const STOP_TIMEOUT_MS = 2_000;

export interface ConsumerTiming {
  /** Of the first attempt after a failure; it doubles from then on. */
  readonly minBackoffMs: number;
  /** Others take over the partitions of a process that died after this long. */
  readonly sessionTimeoutMs: number;
}

const TIMING: ConsumerTiming = { minBackoffMs: 250, sessionTimeoutMs: 15_000 };

type Verdict =
  | { readonly outcome: 'handled' | 'skipped' }
  | { readonly outcome: 'dead_lettered'; readonly reason: DeadLetterReason }
  | { readonly outcome: 'again'; readonly error: unknown };

interface Judged {
  readonly message: KafkaMessage;
  readonly source: MessageSource;
  readonly verdict: Verdict;
}

/**
 * Consumes the identity topic, at least once. Offsets are resolved in ascending order up to the first message that
 * cannot be handled for now, and committed after the work. Such a message holds its partition, for longer and longer up
 * to half a minute, while the others go on; one that can never be handled is copied to the dead letters first and
 * holds nothing. Whatever ends a consumer (broker restarts, a missing topic), a new one is made.
 */
export class EventConsumerService implements IEventConsumer, BeforeApplicationShutdown {
  private readonly logger = new Logger(EventConsumerService.name);
  private readonly kafka: Kafka;
  private readonly topic: string;
  private readonly deadLetters: KafkaProducer;
  private readonly stop = new AbortController();
  /** The message that holds a partition, and how often it was tried. */
  private readonly attempts = new Map<number, { readonly offset: string; readonly count: number }>();
  private readonly holds = new Map<number, NodeJS.Timeout>();
  /** Partitions whose lag is told. */
  private readonly measured = new Set<number>();
  private handle: MessageHandler | null = null;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly config: KafkaConfig,
    private readonly clock: IClock,
    private readonly timing = TIMING,
  ) {
    this.kafka = createKafkaClient(config);
    this.topic = config.topicIdentity;
    this.deadLetters = new KafkaProducer(this.kafka, config, deadLetterTopicOf(this.topic));
    consumerJoined.set({ topic: this.topic }, 0);
  }

  start(handle: MessageHandler): void {
    this.handle = handle;
    // Better now than with the first of them; should it fail, the first of them tries again.
    void this.deadLetters.prepare();
    this.running = this.consumeUntilStopped();
  }

  /** What is being handled is finished and committed. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    for (const timer of this.holds.values()) clearTimeout(timer);
    const ended = await endsWithin(this.running, STOP_TIMEOUT_MS);
    if (!ended) this.logger.warn('Kafka did not let go in time; what was not committed is delivered again');
    await this.deadLetters.close();
  }

  private isStopped(): boolean {
    return this.stop.signal.aborted;
  }

  private async consumeUntilStopped(): Promise<void> {
    let failures = 0;
    while (!this.isStopped()) {
      const error = await this.consume(() => {
        if (failures > 0) this.logger.log(`Topic ${this.topic} is being consumed again`);
        failures = 0;
      });
      consumerJoined.set({ topic: this.topic }, 0);
      this.forgetLag();
      if (this.isStopped()) return;
      if (failures++ === 0) this.logger.warn(this.explain(error));
      await sleep(this.backoffMs(failures), undefined, { signal: this.stop.signal }).catch(() => undefined); // stopped: the loop ends
    }
  }

  /** One consumer's life. @returns what ended it */
  private async consume(onJoin: () => void): Promise<unknown> {
    const consumer = this.kafka.consumer({
      groupId: this.config.consumerGroup,
      sessionTimeout: this.timing.sessionTimeoutMs,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: this.timing.sessionTimeoutMs / 5,
      maxWaitTimeInMs: MAX_WAIT_MS,
      // The topic is its publisher's to create.
      allowAutoTopicCreation: false,
      // Some seconds of trouble are survived as the same member; then a new consumer is made here, where that is
      // bounded, seen and stopped.
      retry: {
        retries: 6,
        initialRetryTime: 200,
        maxRetryTime: 3000,
        restartOnFailure: () => Promise.resolve(false),
      },
    });
    const crashed = new Promise<unknown>((resolve) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        resolve(payload.error);
      });
    });
    consumer.on(consumer.events.GROUP_JOIN, () => {
      this.forgetLag();
      consumerJoined.set({ topic: this.topic }, 1);
      onJoin();
    });
    endFetching(consumer, () => this.isStopped());
    try {
      await consumer.connect();
      // A group that has committed nothing yet must not miss what was published before.
      await consumer.subscribe({ topic: this.topic, fromBeginning: true });
      await consumer.run({ eachBatchAutoResolve: false, eachBatch: (payload) => this.handleBatch(payload) });
    } catch (error) {
      await this.disconnect(consumer);
      return error;
    }
    // Also its end at shutdown; it has disconnected by then.
    return crashed;
  }

  /** Of one that does not run. */
  private async disconnect(consumer: Consumer): Promise<void> {
    const closed = await endsWithin(consumer.disconnect(), STOP_TIMEOUT_MS).catch(() => false);
    if (!closed) this.logger.debug('A consumer did not disconnect cleanly; the group forgets it by itself');
  }

  private async handleBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const { partition, messages } = batch;
    for (let start = 0; start < messages.length; start += CHUNK_SIZE) {
      if (this.isStopped() || !payload.isRunning() || payload.isStale()) return;
      const judged = await Promise.all(
        messages.slice(start, start + CHUNK_SIZE).map((message) => this.judge(partition, message)),
      );
      const { done, held } = await this.buryDead(judged);
      const last = done.at(-1);
      if (last !== undefined) {
        payload.resolveOffset(last.message.offset);
        await payload.commitOffsetsIfNecessary(payload.uncommittedOffsets());
        this.count(done);
      }
      const end = BigInt(batch.highWatermark) - BigInt(last?.message.offset ?? batch.firstOffset() ?? '0');
      consumerLagMessages.set({ topic: this.topic, partition }, Number(end) - (last === undefined ? 0 : 1));
      this.measured.add(partition);
      if (held !== null) {
        this.hold(payload, held.message, held.error);
        return;
      }
      this.attempts.delete(partition);
      await payload.heartbeat();
    }
  }

  private async judge(partition: number, message: KafkaMessage): Promise<Judged> {
    const source = sourceOf(this.topic, partition, message);
    return { message, source, verdict: await this.verdictOn(partition, message, source) };
  }

  private async verdictOn(partition: number, message: KafkaMessage, source: MessageSource): Promise<Verdict> {
    try {
      const outcome = await this.handle?.({
        origin: `${source.topic}/${source.partition}/${source.offset}`,
        key: message.key?.toString() ?? null,
        value: message.value?.toString() ?? null,
      });
      return { outcome: outcome ?? 'skipped' };
    } catch (error) {
      if (isServiceException(error)) {
        return error.kind === 'unavailable'
          ? { outcome: 'again', error }
          : { outcome: 'dead_lettered', reason: { code: error.code, detail: error.message } };
      }
      const tried = this.attempts.get(partition);
      if (tried?.offset !== message.offset || tried.count < MAX_ATTEMPTS - 1)
        return { outcome: 'again', error };
      this.logger.error(`${this.describe(source)} cannot be handled and becomes a dead letter`, error);
      return {
        outcome: 'dead_lettered',
        reason: { code: 'internal_error', detail: 'An error of the consumer; its log has it at this time' },
      };
    }
  }

  /** Dead letters are written before their offsets may move on. @returns those done with, and who holds up the rest */
  private async buryDead(
    judged: readonly Judged[],
  ): Promise<{ done: readonly Judged[]; held: { message: KafkaMessage; error: unknown } | null }> {
    const gap = judged.findIndex(({ verdict }) => verdict.outcome === 'again');
    const done = gap < 0 ? judged : judged.slice(0, gap);
    const dead = done.flatMap(({ message, source, verdict }) =>
      verdict.outcome === 'dead_lettered'
        ? [toDeadLetter(message, source, verdict.reason, this.clock.now())]
        : [],
    );
    try {
      await this.bury(dead);
    } catch (error) {
      const first = done.findIndex(({ verdict }) => verdict.outcome === 'dead_lettered');
      return { done: done.slice(0, first), held: { message: (done[first] as Judged).message, error } };
    }
    const holder = judged[gap];
    if (holder?.verdict.outcome !== 'again') return { done, held: null };
    return { done, held: { message: holder.message, error: holder.verdict.error } };
  }

  /** Together, or one by one where together or alone they are too large for the broker: that would not pass either. */
  private async bury(letters: readonly SubjectRecord[]): Promise<void> {
    if (letters.length === 0) return;
    try {
      await this.deadLetters.send(letters);
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      const [only, ...others] = letters;
      if (only !== undefined && others.length === 0) await this.deadLetters.send([truncated(only)]);
      else for (const letter of letters) await this.bury([letter]);
    }
  }

  private count(done: readonly Judged[]): void {
    for (const { verdict, source } of done) {
      consumerMessagesTotal.inc({ topic: this.topic, outcome: verdict.outcome });
      if (verdict.outcome !== 'dead_lettered') continue;
      this.logger.warn(`${this.describe(source)} became a dead letter: ${verdict.reason.code}`);
    }
  }

  /** Leaves the partition alone for a while; the message is fetched again afterwards. */
  private hold(payload: EachBatchPayload, message: KafkaMessage, error: unknown): void {
    const { partition } = payload.batch;
    const tried = this.attempts.get(partition);
    const count = tried?.offset === message.offset ? tried.count + 1 : 1;
    this.attempts.set(partition, { offset: message.offset, count });
    consumerRetriesTotal.inc({ topic: this.topic });
    if (count === 1) {
      this.logger.warn(
        `Partition ${partition} of ${this.topic} waits at offset ${message.offset}: ${String(error)}`,
      );
    }
    const resume = payload.pause();
    clearTimeout(this.holds.get(partition));
    this.holds.set(partition, setTimeout(resume, this.backoffMs(count)));
  }

  /** Partitions go to other members, who tell of them from then on. */
  private forgetLag(): void {
    for (const partition of this.measured) consumerLagMessages.remove({ topic: this.topic, partition });
    this.measured.clear();
  }

  private describe({ topic, partition, offset }: MessageSource): string {
    return `Message ${offset} of partition ${partition} of ${topic}`;
  }

  private explain(error: unknown): string {
    const missing = (error as { readonly type?: unknown } | null)?.type === 'UNKNOWN_TOPIC_OR_PARTITION';
    return missing
      ? `Topic ${this.topic} does not exist yet; it is consumed as soon as it does`
      : `Topic ${this.topic} is not being consumed, which is tried again: ${String(error)}`;
  }

  private backoffMs(attempt: number): number {
    return backoffMs(attempt, { minMs: this.timing.minBackoffMs, maxMs: MAX_BACKOFF_MS });
  }
}
