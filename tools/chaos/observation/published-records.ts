import type { CalculatedDay, PublishedRecord, PublishedSession } from '../history/history.js';
import { readTopic, type TopicRecord } from './topic-reader.js';

const TOPIC = 'analytics-events';
const SESSION_STARTED = 'analytics.session.started';
const DAU_CALCULATED = 'analytics.dau.calculated';
const DEAD_LETTERS = 'identity-events.dlq';

export interface Published {
  readonly sessions: readonly PublishedRecord[];
  readonly calculated: readonly CalculatedDay[];
  readonly deadLetters: readonly string[];
}

/** Reads what subscribers of the service get. */
export async function readPublished(brokers: string): Promise<Published> {
  const records = await readTopic(brokers, TOPIC);
  return {
    sessions: records.filter(({ key }) => key === SESSION_STARTED).map(toSession),
    calculated: records
      .filter(({ key }) => key === DAU_CALCULATED)
      .map((record) => payloadOf(record) as CalculatedDay),
    deadLetters: (await readTopic(brokers, DEAD_LETTERS)).map(({ value }) => value),
  };
}

function toSession(record: TopicRecord): PublishedRecord {
  const { partition, offset, key, headers } = record;
  const { userId, installId, occurredAt } = payloadOf(record) as PublishedSession;
  return {
    ...{ partition, offset, key },
    eventId: headers['event-id'] ?? '',
    session: { userId, installId, occurredAt },
  };
}

function payloadOf({ value }: TopicRecord): unknown {
  return (JSON.parse(value) as { readonly payload: unknown }).payload;
}
