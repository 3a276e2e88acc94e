import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { SubjectRecord } from '../subject-record.js';

/** Limits the key of a truncated dead letter. */
const MAX_KEY_BYTES = 1000;

/** Headers that a dead letter has in addition to those of its message; docs/events/README.md describes them. */
export const DEAD_LETTER_HEADERS = {
  reason: 'dlq-reason',
  detail: 'dlq-detail',
  failedAt: 'dlq-failed-at',
  sourceTopic: 'dlq-source-topic',
  sourcePartition: 'dlq-source-partition',
  sourceOffset: 'dlq-source-offset',
  sourceTimestamp: 'dlq-source-timestamp',
  truncated: 'dlq-truncated',
} as const;

/** Place where a message was first published; a replayed dead letter keeps it. */
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

/** Returns the source in the headers of a replayed dead letter, else the message's own place. */
export function sourceOf(topic: string, partition: number, message: KafkaMessage): MessageSource {
  const header = (name: string): string | null => textOf(message.headers?.[name]);
  const first = {
    topic: header(DEAD_LETTER_HEADERS.sourceTopic),
    partition: header(DEAD_LETTER_HEADERS.sourcePartition),
    offset: header(DEAD_LETTER_HEADERS.sourceOffset),
    timestamp: header(DEAD_LETTER_HEADERS.sourceTimestamp),
  };
  // Dead letters of other systems may have headers with these names.
  if (first.topic === topic && isPartition(first.partition) && isWholeNumber(first.offset)) {
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

/** Copies the message unchanged and adds the reason and the source; one source partition stays in order. */
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

/** Keeps only source and reason of a dead letter that is too large for its topic. */
export function truncateDeadLetter({ subject, key, headers }: SubjectRecord): SubjectRecord {
  const own = Object.values(DEAD_LETTER_HEADERS).flatMap((name) =>
    headers[name] === undefined ? [] : [[name, headers[name]] as const],
  );
  return {
    subject,
    key: key !== null && key.length <= MAX_KEY_BYTES ? key : null,
    value: null,
    headers: { ...Object.fromEntries(own), [DEAD_LETTER_HEADERS.truncated]: 'true' },
  };
}

/** Returns the first value of a header that may have several. */
export function textOf(header: IHeaders[string]): string | null {
  const first = Array.isArray(header) ? header[0] : header;
  return first === undefined ? null : first.toString();
}

function isPartition(text: string | null): text is string {
  return text !== null && /^\d{1,6}$/.test(text);
}

/** Accepts an offset, or another header that counts from 0. */
export function isWholeNumber(text: string | null): text is string {
  return text !== null && /^\d{1,19}$/.test(text);
}
