import type { KafkaMessage } from 'kafkajs';
import type { DeadLetterReason, MessageSource } from '../dead-letters/dead-letter.js';

/** Decision about one message; `retry` holds the partition of the message. */
export type Verdict =
  | { readonly outcome: 'handled' | 'skipped' }
  | { readonly outcome: 'dead_lettered'; readonly reason: DeadLetterReason }
  | { readonly outcome: 'retry'; readonly error: unknown };

export interface JudgedMessage {
  readonly message: KafkaMessage;
  readonly source: MessageSource;
  readonly verdict: Verdict;
}

export function describeSource({ topic, partition, offset }: MessageSource): string {
  return `Message ${offset} of partition ${partition} of ${topic}`;
}
