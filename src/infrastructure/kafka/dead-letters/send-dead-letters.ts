import { isTooLarge, type KafkaProducer } from '../kafka-producer.js';
import type { SubjectRecord } from '../subject-record.js';
import { truncateDeadLetter } from './dead-letter.js';

/** Sends dead letters together, or one by one when the broker refuses their size; truncates a too large one. */
export async function sendDeadLetters(
  producer: KafkaProducer,
  deadLetters: readonly SubjectRecord[],
): Promise<void> {
  if (deadLetters.length === 0) return;
  try {
    await producer.send(deadLetters);
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    const [first, ...others] = deadLetters;
    if (first !== undefined && others.length === 0) await producer.send([truncateDeadLetter(first)]);
    else for (const deadLetter of deadLetters) await sendDeadLetters(producer, [deadLetter]);
  }
}
