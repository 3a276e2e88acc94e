import { Logger } from '@nestjs/common';
import type { Consumer, EachBatchHandler, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { DeadLetterReplayError, type ReplayOutcome } from '../../../application/ports/dead-letters.port.js';
import { endsWithin } from '../../../shared/utils/timeout.util.js';
import { endFetching, type KafkaClient } from '../kafka-client.js';
import { withAdmin } from '../kafka-topics.js';
import type { OffsetSpan } from './offset-span.js';
import { SettleOnce } from './settle-once.js';

const CHUNK_SIZE = 250;
const SESSION_TIMEOUT_MS = 30_000;
const REBALANCE_TIMEOUT_MS = 30_000;
const MAX_WAIT_MS = 250;
const STOP_TIMEOUT_MS = 6_000;
const DELETE_TIMEOUT_MS = 3_000;

type Ended = ReplayOutcome['ended'];

export interface ChunkResult {
  /** Number of messages that were read, from the start of the chunk. */
  readonly consumed: number;
  readonly reachedLimit: boolean;
}

export type ChunkHandler = (messages: readonly KafkaMessage[]) => Promise<ChunkResult>;

export interface DeadLetterReaderOptions {
  readonly topic: string;
  /** Names a consumer group that no other consumer uses. */
  readonly groupId: string;
  readonly idleTimeoutMs: number;
}

/** Consumes a span of a topic once, each partition in order, and commits nothing. */
export class DeadLetterReader {
  private readonly logger = new Logger(DeadLetterReader.name);
  private readonly end = new SettleOnce<Ended>();
  private working: Promise<void> = Promise.resolve();
  private isWorking = false;
  private idleTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly kafka: KafkaClient,
    private readonly options: DeadLetterReaderOptions,
    private readonly span: OffsetSpan,
    private readonly handle: ChunkHandler,
  ) {}

  /** Reads to the end of the span, to the limit, or until the signal is aborted. Called once. */
  async read(signal: AbortSignal): Promise<Ended> {
    const consumer = this.createConsumer();
    const crashed = this.watch(consumer);
    const interrupt = (): void => {
      if (!this.isWorking) this.end.resolve('interrupted');
    };
    signal.addEventListener('abort', interrupt, { once: true });
    if (signal.aborted) interrupt();
    this.restartIdleTimer();
    const started = this.start(consumer, async (payload) => {
      this.isWorking = true;
      this.working = this.handleBatch(payload, signal).finally(() => (this.isWorking = false));
      await this.working;
    });
    started.catch((error: unknown) => {
      this.end.reject(error);
    });
    try {
      return await this.end.promise;
    } finally {
      signal.removeEventListener('abort', interrupt);
      clearTimeout(this.idleTimer);
      // Records that are being sent are counted even after a failure.
      await this.working.catch(() => undefined);
      await this.leaveGroup(consumer, started, crashed).catch((error: unknown) => {
        this.logger.debug(
          `The consumer group ${this.options.groupId} was not left cleanly: ${String(error)}`,
        );
      });
    }
  }

  private createConsumer(): Consumer {
    return this.kafka.consumer({
      groupId: this.options.groupId,
      sessionTimeout: SESSION_TIMEOUT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      maxWaitTimeInMs: MAX_WAIT_MS,
      allowAutoTopicCreation: false,
      // Outlasts the election of a leader. After that the operator decides whether to start again.
      retry: {
        retries: 8,
        initialRetryTime: 200,
        maxRetryTime: 2000,
        restartOnFailure: () => Promise.resolve(false),
      },
    });
  }

  /** Follows the consumer's events. @returns a promise that resolves when the consumer has stopped */
  private watch(consumer: Consumer): Promise<void> {
    endFetching(consumer, () => this.end.isSettled());
    // This event also follows batches without messages, such as the marks of transactions.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      if (this.end.isSettled()) return;
      this.span.advance(payload.partition, payload.lastOffset);
      if (this.span.isRead()) this.end.resolve('complete');
      else this.restartIdleTimer();
    });
    return new Promise<void>((resolve) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        this.end.reject(payload.error);
        resolve();
      });
    });
  }

  private async start(consumer: Consumer, eachBatch: EachBatchHandler): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topic: this.options.topic, fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch });
  }

  private async handleBatch(payload: EachBatchPayload, signal: AbortSignal): Promise<void> {
    const { partition, messages } = payload.batch;
    for (let start = 0; start < messages.length; start += CHUNK_SIZE) {
      if (this.end.isSettled()) return;
      const chunk = this.span.selectUnread(partition, messages.slice(start, start + CHUNK_SIZE));
      if (chunk.length > 0) await this.handleChunk(partition, chunk);
      if (signal.aborted) this.end.resolve('interrupted');
      if (this.end.isSettled()) return;
      this.restartIdleTimer();
      await payload.heartbeat();
    }
  }

  private async handleChunk(partition: number, chunk: readonly KafkaMessage[]): Promise<void> {
    clearTimeout(this.idleTimer);
    try {
      const { consumed, reachedLimit } = await this.handle(chunk);
      this.span.advance(partition, chunk[consumed - 1]?.offset);
      if (this.span.isRead()) this.end.resolve('complete');
      else if (reachedLimit) this.end.resolve('limit');
    } catch (error) {
      this.end.reject(error);
    }
  }

  private restartIdleTimer(): void {
    const { topic, idleTimeoutMs } = this.options;
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => {
      this.end.reject(
        new DeadLetterReplayError(
          `Nothing has come from ${topic} for ${idleTimeoutMs / 1000} s, although ` +
            `${this.span.countUnread()} of ${this.span.total} are still to be read: is one of its partitions without a leader?`,
        ),
      );
    }, idleTimeoutMs);
  }

  /**
   * Waits until a running consumer has ended by itself, then deletes its group.
   * The group has committed nothing, so a broker that does not answer expires it.
   */
  private async leaveGroup(
    consumer: Consumer,
    started: Promise<void>,
    crashed: Promise<void>,
  ): Promise<void> {
    const isRunning = await endsWithin(started, 0).catch(() => false);
    if (isRunning && !(await endsWithin(crashed, STOP_TIMEOUT_MS))) return;
    await endsWithin(consumer.disconnect(), STOP_TIMEOUT_MS);
    if (!isRunning) return;
    await endsWithin(
      withAdmin(this.kafka, (admin) => admin.deleteGroups([this.options.groupId])),
      DELETE_TIMEOUT_MS,
    );
  }
}
