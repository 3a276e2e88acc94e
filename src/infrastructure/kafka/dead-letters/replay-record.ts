import type { KafkaMessage } from 'kafkajs';
import type { DeadLetter, Misfit } from '../../../application/ports/dead-letters.port.js';
import type { SubjectRecord } from '../subject-record.js';
import { DEAD_LETTER_HEADERS, isWholeNumber, textOf } from './dead-letter.js';

/**
 * Reads the headers of a dead letter.
 *
 * @param partitions number of partitions of the topic now; kafkajs drops records for any other partition
 */
export function readDeadLetter(
  message: KafkaMessage,
  topic: string,
  partitions: number,
): DeadLetter | Misfit {
  const header = (name: string): string | null => textOf(message.headers?.[name]);
  const sourceTopic = header(DEAD_LETTER_HEADERS.sourceTopic);
  const partition = header(DEAD_LETTER_HEADERS.sourcePartition);
  const offset = header(DEAD_LETTER_HEADERS.sourceOffset);
  const reason = header(DEAD_LETTER_HEADERS.reason);
  const failedAt = new Date(header(DEAD_LETTER_HEADERS.failedAt) ?? NaN);
  if (sourceTopic !== null && sourceTopic !== topic) return 'foreign';
  if (sourceTopic === null || reason === null || Number.isNaN(failedAt.getTime())) return 'incomplete';
  if (!isWholeNumber(partition) || !isWholeNumber(offset)) return 'incomplete';
  if (header(DEAD_LETTER_HEADERS.truncated) !== null) return 'incomplete';
  if (Number(partition) >= partitions) return 'misplaced';
  return {
    source: `${Number(partition)}:${BigInt(offset)}`,
    partition: Number(partition),
    reason,
    detail: header(DEAD_LETTER_HEADERS.detail) ?? '',
    failedAt,
    key: message.key?.toString() ?? null,
  };
}

/** Restores the original message and keeps its source, by which the consumer recognises a repeat. */
export function toReplayRecord(
  topic: string,
  { partition }: DeadLetter,
  { key, value, headers }: KafkaMessage,
): SubjectRecord {
  const { reason, detail, failedAt } = DEAD_LETTER_HEADERS;
  const { [reason]: _reason, [detail]: _detail, [failedAt]: _failedAt, ...kept } = headers ?? {};
  return { subject: `${topic}/${partition}`, partition, key, value, headers: kept };
}
