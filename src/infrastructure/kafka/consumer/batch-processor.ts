import { Logger } from '@nestjs/common';
import type { Batch, EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { IClock } from '../../../application/ports/clock.port.js';
import { consumerMessagesTotal, consumerRetriesTotal } from '../../../shared/metrics/metrics.js';
import { toDeadLetter } from '../dead-letters/dead-letter.js';
import { sendDeadLetters } from '../dead-letters/send-dead-letters.js';
import type { KafkaProducer } from '../kafka-producer.js';
import type { ConsumerLag } from './consumer-lag.js';
import { describeSource, type JudgedMessage } from './judged-message.js';
import type { MessageJudge } from './message-judge.js';
import type { PartitionHolds } from './partition-holds.js';

/** Limits the messages handled at once: one pool of connections and one flush serve them. */
const CHUNK_SIZE = 250;

interface HeldMessage {
  readonly message: KafkaMessage;
  readonly error: unknown;
}

/** Result of a chunk: the messages that are finished, and the first message that is not. */
interface SettledChunk {
  readonly finished: readonly JudgedMessage[];
  readonly held: HeldMessage | null;
}

export interface BatchProcessorParts {
  readonly topic: string;
  readonly judge: MessageJudge;
  readonly deadLetters: KafkaProducer;
  readonly holds: PartitionHolds;
  readonly lag: ConsumerLag;
  readonly clock: IClock;
  readonly isStopped: () => boolean;
}

/**
 * Handles the batches of one topic chunk by chunk and commits after the work.
 * A message that must be retried holds its partition; the other partitions continue.
 */
export class BatchProcessor {
  private readonly logger = new Logger(BatchProcessor.name);

  constructor(private readonly parts: BatchProcessorParts) {}

  async process(payload: EachBatchPayload): Promise<void> {
    const { judge, holds, isStopped } = this.parts;
    const { partition, messages } = payload.batch;
    for (let start = 0; start < messages.length; start += CHUNK_SIZE) {
      if (isStopped() || !payload.isRunning() || payload.isStale()) return;
      const judged = await Promise.all(
        messages.slice(start, start + CHUNK_SIZE).map((message) => judge.judge(partition, message)),
      );
      const { finished, held } = await this.settle(judged);
      const lastOffset = finished.at(-1)?.message.offset;
      if (lastOffset !== undefined) {
        payload.resolveOffset(lastOffset);
        await payload.commitOffsetsIfNecessary(payload.uncommittedOffsets());
        this.report(finished);
      }
      this.recordLag(payload.batch, lastOffset);
      if (held !== null) {
        this.hold(payload, held);
        return;
      }
      holds.reset(partition);
      await payload.heartbeat();
    }
  }

  /** Stores the dead letters of a chunk, since their offsets may be committed only afterwards. */
  private async settle(judged: readonly JudgedMessage[]): Promise<SettledChunk> {
    const gap = judged.findIndex(({ verdict }) => verdict.outcome === 'retry');
    const finished = gap < 0 ? judged : judged.slice(0, gap);
    const deadLetters = finished.flatMap(({ message, source, verdict }) =>
      verdict.outcome === 'dead_lettered'
        ? [toDeadLetter(message, source, verdict.reason, this.parts.clock.now())]
        : [],
    );
    try {
      await sendDeadLetters(this.parts.deadLetters, deadLetters);
    } catch (error) {
      const first = finished.findIndex(({ verdict }) => verdict.outcome === 'dead_lettered');
      const { message } = finished[first] as JudgedMessage;
      return { finished: finished.slice(0, first), held: { message, error } };
    }
    const holder = judged[gap];
    if (holder?.verdict.outcome !== 'retry') return { finished, held: null };
    return { finished, held: { message: holder.message, error: holder.verdict.error } };
  }

  private report(finished: readonly JudgedMessage[]): void {
    for (const { verdict, source } of finished) {
      consumerMessagesTotal.inc({ topic: this.parts.topic, outcome: verdict.outcome });
      if (verdict.outcome !== 'dead_lettered') continue;
      this.logger.warn(`${describeSource(source)} became a dead letter: ${verdict.reason.code}`);
    }
  }

  /** @param lastOffset of the last finished message; undefined when none of the batch is finished */
  private recordLag(batch: Batch, lastOffset: string | undefined): void {
    const end = BigInt(batch.highWatermark);
    const next = lastOffset === undefined ? BigInt(batch.firstOffset() ?? '0') : BigInt(lastOffset) + 1n;
    this.parts.lag.record(batch.partition, Number(end - next));
  }

  /** Pauses the partition; the message is fetched again afterwards. */
  private hold(payload: EachBatchPayload, { message, error }: HeldMessage): void {
    const { topic, holds } = this.parts;
    const { partition } = payload.batch;
    consumerRetriesTotal.inc({ topic });
    const attempts = holds.hold(partition, message.offset, payload.pause());
    if (attempts > 1) return;
    this.logger.warn(
      `Partition ${partition} of ${topic} waits at offset ${message.offset}: ${String(error)}`,
    );
  }
}
