import { Logger } from '@nestjs/common';
import type { KafkaMessage } from 'kafkajs';
import type { MessageHandler } from '../../../application/ports/event-consumer.port.js';
import { isServiceException } from '../../../shared/exceptions/service-exception.js';
import { sourceOf, type MessageSource } from '../dead-letters/dead-letter.js';
import { describeSource, type JudgedMessage, type Verdict } from './judged-message.js';
import type { PartitionHolds } from './partition-holds.js';

/** Bounds the attempts after errors that do not say whether another attempt could succeed. */
const MAX_ATTEMPTS = 5;

/** Passes messages to the handler and turns its result or error into a verdict. */
export class MessageJudge {
  private readonly logger = new Logger(MessageJudge.name);

  constructor(
    private readonly topic: string,
    private readonly handle: MessageHandler,
    private readonly holds: PartitionHolds,
  ) {}

  async judge(partition: number, message: KafkaMessage): Promise<JudgedMessage> {
    const source = sourceOf(this.topic, partition, message);
    return { message, source, verdict: await this.reachVerdict(partition, message, source) };
  }

  private async reachVerdict(
    partition: number,
    message: KafkaMessage,
    source: MessageSource,
  ): Promise<Verdict> {
    try {
      const outcome = await this.handle({
        origin: `${source.topic}/${source.partition}/${source.offset}`,
        key: message.key?.toString() ?? null,
        value: message.value,
        traceparent: message.headers?.['traceparent']?.toString() ?? null,
      });
      return { outcome };
    } catch (error) {
      if (isServiceException(error)) {
        return error.kind === 'unavailable'
          ? { outcome: 'retry', error }
          : { outcome: 'dead_lettered', reason: { code: error.code, detail: error.message } };
      }
      if (this.holds.countAttempts(partition, message.offset) < MAX_ATTEMPTS - 1) {
        return { outcome: 'retry', error };
      }
      this.logger.error(`${describeSource(source)} cannot be handled and becomes a dead letter`, error);
      return {
        outcome: 'dead_lettered',
        reason: { code: 'internal_error', detail: 'An error of the consumer; its log has it at this time' },
      };
    }
  }
}
