import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { SubjectRecord } from './kafka-producer.js';

/** Headers of a dead letter, beside those the message came with. */
export const DEAD_LETTER_HEADERS = {
  /** Stable code. */
  reason: 'dlq-reason',
  /** For people. */
  detail: 'dlq-detail',
  failedAt: 'dlq-failed-at',
  sourceTopic: 'dlq-source-topic',
  sourcePartition: 'dlq-source-partition',
  sourceOffset: 'dlq-source-offset',
  sourceTimestamp: 'dlq-source-timestamp',
} as const;

/** Where a message was first published. A dead letter that was put back to its topic still says so. */
export interface MessageSource {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly timestamp: string;
}

export interface DeadLetterReason {
  readonly code: string;
  readonly detail: string;
}

export function deadLetterTopicOf(topic: string): string {
  return `${topic}.dlq`;
}

export function sourceOf(topic: string, partition: number, message: KafkaMessage): MessageSource {
  const header = (name: string): string | null => textOf(message.headers?.[name]);
  const first = {
    topic: header(DEAD_LETTER_HEADERS.sourceTopic),
    partition: header(DEAD_LETTER_HEADERS.sourcePartition),
    offset: header(DEAD_LETTER_HEADERS.sourceOffset),
    timestamp: header(DEAD_LETTER_HEADERS.sourceTimestamp),
  };
  if (first.topic !== null && isWhole(first.partition) && isWhole(first.offset)) {
    return {
      topic: first.topic,
      partition: Number(first.partition),
      offset: first.offset,
      timestamp: first.timestamp ?? '',
    };
  }
  const { offset, timestamp } = message;
  return { topic, partition, offset, timestamp: new Date(Number(timestamp)).toISOString() };
}

/** The message as it was, with what happened to it. Dead letters of one source partition stay in order. */
export function toDeadLetter(
  message: KafkaMessage,
  source: MessageSource,
  reason: DeadLetterReason,
  failedAt: Date,
): SubjectRecord {
  return {
    subject: `${source.topic}/${source.partition}`,
    key: message.key,
    value: message.value,
    headers: {
      ...message.headers,
      [DEAD_LETTER_HEADERS.reason]: reason.code,
      [DEAD_LETTER_HEADERS.detail]: reason.detail,
      [DEAD_LETTER_HEADERS.failedAt]: failedAt.toISOString(),
      [DEAD_LETTER_HEADERS.sourceTopic]: source.topic,
      [DEAD_LETTER_HEADERS.sourcePartition]: String(source.partition),
      [DEAD_LETTER_HEADERS.sourceOffset]: source.offset,
      [DEAD_LETTER_HEADERS.sourceTimestamp]: source.timestamp,
    },
  };
}

/** The first value of a header that may have several. */
export function textOf(header: IHeaders[string]): string | null {
  const first = Array.isArray(header) ? header[0] : header;
  return first === undefined ? null : first.toString();
}

function isWhole(text: string | null): text is string {
  return text !== null && /^\d{1,19}$/.test(text);
}
