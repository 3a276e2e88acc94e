import type { EventLog } from '../../src/domain/entities/event-log.entity.js';
import type { Row, Sql } from './sql.js';

/** Names the partition of a row, also where a cluster stores it in a shard of that partition. */
export const PARTITION_SQL = "regexp_replace(tableoid::regclass::text, '_[0-9]+$', '')";

/** Returns how often each of these events is stored. */
export async function timesStored(owner: Sql, events: readonly EventLog[]): Promise<number[]> {
  const rows = await owner.rows<{ event_id: string; n: number }>(
    'SELECT event_id, count(*)::int AS n FROM analytics_event_log WHERE event_id = ANY ($1::uuid[]) GROUP BY 1',
    [idsOf(events)],
  );
  const counts = new Map(rows.map(({ event_id, n }) => [event_id, n]));
  return idsOf(events).map((id) => counts.get(id) ?? 0);
}

/** Returns the messages that wait in the outbox for these events, in the order they are sent. */
export function outboxOf(owner: Sql, events: readonly EventLog[]): Promise<Row[]> {
  return owner.rows(
    `SELECT id::text, aggregatetype, aggregateid, type, payload, occurred_at FROM analytics_outbox
     WHERE id = ANY ($1::uuid[]) ORDER BY sequence`,
    [idsOf(events)],
  );
}

interface StoredEvent extends Row {
  readonly event_time: Date;
  readonly user_id: string | null;
  readonly install_id: string;
  readonly properties: unknown;
}

export async function storedEvent(owner: Sql, { eventId }: EventLog): Promise<StoredEvent> {
  const [row] = await owner.rows<StoredEvent>(
    'SELECT event_time, user_id, install_id, event_name, properties FROM analytics_event_log WHERE event_id = $1',
    [eventId.value],
  );
  if (row === undefined) throw new Error(`Event ${eventId.value} is not stored.`);
  return row;
}

const idsOf = (events: readonly EventLog[]) => events.map(({ eventId }) => eventId.value);
