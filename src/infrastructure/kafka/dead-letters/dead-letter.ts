import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { SubjectRecord } from '../kafka-producer.js';

/** Characters of a key that survive truncation. */
const MAX_KEPT_KEY = 1000;

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
  /** `true`: the broker took it only without its value and its own headers, which stay where it came from. */
  truncated: 'dlq-truncated',
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
  // Another system's dead letters may have headers of these names, too.
  if (first.topic === topic && isPartition(first.partition) && isWhole(first.offset)) {
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

/** What is left of a dead letter that is too large for its topic: where it came from, and why it failed. */
export function truncated({ subject, key, headers }: SubjectRecord): SubjectRecord {
  const own = Object.values(DEAD_LETTER_HEADERS).flatMap((name) =>
    headers[name] === undefined ? [] : [[name, headers[name]] as const],
  );
  return {
    subject,
    key: key !== null && key.length <= MAX_KEPT_KEY ? key : null,
    value: null,
    headers: { ...Object.fromEntries(own), [DEAD_LETTER_HEADERS.truncated]: 'true' },
  };
}

/** The first value of a header that may have several. */
export function textOf(header: IHeaders[string]): string | null {
  const first = Array.isArray(header) ? header[0] : header;
  return first === undefined ? null : first.toString();
}

function isPartition(text: string | null): text is string {
  return text !== null && /^\d{1,6}$/.test(text);
}

/** Of a header: an offset, or what else is counted from 0. */
export function isWhole(text: string | null): text is string {
  return text !== null && /^\d{1,19}$/.test(text);
}
