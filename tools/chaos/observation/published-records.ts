import { randomUUID } from 'node:crypto';
import { clientOf } from '../../../test/support/kafka/client.js';
import { waitFor } from '../../../test/support/processes.js';
import type { PublishedRecord } from '../history/history.js';

const TOPIC = 'analytics-events';
const SESSION_STARTED = 'analytics.session.started';
const READ_WITHIN_MS = 60_000;

/** Reads every session of the topic, as a subscriber does that was away during the whole run. */
export async function readPublishedSessions(brokers: string): Promise<PublishedRecord[]> {
  const ends = await readEnds(brokers);
  const next = new Map<number, number>();
  const sessions: PublishedRecord[] = [];
  const consumer = clientOf(brokers).consumer({ groupId: `chaos-${randomUUID()}`, maxWaitTimeInMs: 50 });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        const offset = Number(message.offset);
        next.set(partition, offset + 1);
        const key = message.key?.toString() ?? '';
        if (key !== SESSION_STARTED) return;
        const eventId = String(message.headers?.['event-id']);
        sessions.push({ partition, offset, key, eventId });
      },
    });
    const isAtEnd = (): boolean => [...ends].every(([partition, end]) => (next.get(partition) ?? 0) >= end);
    await waitFor(isAtEnd, READ_WITHIN_MS, { what: 'a subscriber reads the topic to its end' });
  } finally {
    await consumer.disconnect();
  }
  return sessions;
}

/** Returns the end of each partition that has records. */
async function readEnds(brokers: string): Promise<Map<number, number>> {
  const admin = clientOf(brokers).admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(TOPIC);
    return new Map(offsets.map(({ partition, high }) => [partition, Number(high)]));
  } finally {
    await admin.disconnect();
  }
}
