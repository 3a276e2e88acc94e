import type { EventLog } from '../../../domain/entities/event-log.entity.js';
import { SessionStartedEvent } from '../../../domain/events/session-started.event.js';
import { toArrayLiteral } from '../mappers/array-literal.js';
import { toColumns } from '../mappers/event-log.mapper.js';
import type { PrismaService } from '../prisma/prisma.service.js';
import { claimCorrectedTimes } from './event-claims.js';
import { toFlushResult, type FlushRow, type FlushStatement, type FlushStore } from './flush-store.js';

/** Names the kind of subject in the outbox, as Debezium's event router expects it. */
const OUTBOX_AGGREGATE = 'session';

/**
 * Stores new events with their actives, marks and outbox messages in order of time: docs/adr/0002 to 0004, 0014, 0019.
 * Rows are sorted by key, so that concurrent flushes of the same events do not deadlock.
 */
export const FLUSH_SQL = `
WITH input AS MATERIALIZED (
  SELECT t.event_id, t.event_time, t.client_time, user_id, install_id, event_name,
         nullif(properties, 'null') AS properties, ordinal, c.event_time AS claimed_time, c.client_time AS claimed_from
  FROM ROWS FROM (
    unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::bigint[], $5::text[], $6::text[]),
    jsonb_array_elements($7::jsonb)
  ) WITH ORDINALITY AS t (event_id, event_time, client_time, user_id, install_id, event_name, properties, ordinal)
  LEFT JOIN analytics_event_corrections c ON c.event_id = t.event_id
    AND (c.event_time <> t.event_time OR c.client_time IS DISTINCT FROM t.client_time)
), uncorrected AS MATERIALIZED (
  SELECT analytics_find_uncorrected(array_agg(event_id), array_agg(client_time)) AS event_ids
  FROM input WHERE client_time IS NOT NULL AND claimed_time IS NULL
), inserted AS (
  INSERT INTO analytics_event_log (event_id, event_time, user_id, install_id, event_name, properties)
  SELECT event_id, event_time, user_id, install_id, event_name, properties FROM input, uncorrected
  WHERE claimed_time IS NULL AND (event_ids IS NULL OR event_id <> ALL (event_ids))
  ORDER BY event_time, event_id
  ON CONFLICT DO NOTHING
  RETURNING event_id
), sessions AS (
  SELECT s.* FROM ROWS FROM (
    unnest($8::uuid[], $9::date[], $10::text[], $11::text[], $12::text[], $13::timestamptz[]), jsonb_array_elements($14::jsonb)
  ) AS s (event_id, day, identity, province, city, occurred_at, payload)
  JOIN inserted USING (event_id)
), actives AS (
  INSERT INTO analytics_daily_actives (day, level, place, identity)
  SELECT DISTINCT s.day, p.level, p.place, s.identity
  FROM sessions s
  CROSS JOIN LATERAL (VALUES (0::smallint, ''), (1::smallint, s.province), (2::smallint, s.city)) AS p (level, place)
  WHERE p.level = 0 OR p.place <> ''
  ORDER BY 1, 2, 3, 4
  ON CONFLICT DO NOTHING
  RETURNING day
), marks AS (
  INSERT INTO analytics_dau_pending (day)
  SELECT DISTINCT day FROM actives WHERE day = ANY ($15::date[])
  RETURNING day
), outbox AS (
  INSERT INTO analytics_outbox (id, aggregatetype, aggregateid, type, payload, occurred_at)
  SELECT event_id, '${OUTBOX_AGGREGATE}', identity, '${SessionStartedEvent.EVENT_NAME}', payload, occurred_at
  FROM sessions ORDER BY occurred_at, event_id
)
SELECT i.ordinal::int AS ordinal, (extract(epoch FROM i.claimed_time) * 1000)::float8 AS "claimedTime",
       (extract(epoch FROM i.claimed_from) * 1000)::float8 AS "claimedFrom", NULL AS marked
FROM input i LEFT JOIN inserted n USING (event_id) WHERE n.event_id IS NULL
UNION ALL
SELECT NULL, NULL, NULL, to_char(day, 'YYYY-MM-DD') FROM marks
UNION ALL
SELECT NULL, NULL, NULL, NULL FROM (SELECT array_agg(event_id) AS event_ids FROM inserted) n
WHERE analytics_refuse_late_claims(n.event_ids, pg_current_snapshot())
UNION ALL
-- WAL, whose commit waits for the standby that may lack the first copies of duplicates.
SELECT NULL, NULL, NULL, NULL WHERE CASE
  WHEN current_setting('synchronous_standby_names') = '' OR (SELECT count(*) FROM input) = (SELECT count(*) FROM inserted)
  THEN false ELSE pg_logical_emit_message(true, 'analytics', ''::text) IS NULL END
`;

/** Stores flushes on one server, each by one statement. */
export class StatementFlushStore implements FlushStore {
  constructor(private readonly prisma: PrismaService) {}

  claim(events: readonly EventLog[]): Promise<void> {
    return claimCorrectedTimes(this.prisma, events);
  }

  prepare(events: readonly EventLog[]): FlushStatement {
    return prepareFlushStatement(this.prisma, events);
  }
}

export function prepareFlushStatement(prisma: PrismaService, events: readonly EventLog[]): FlushStatement {
  const { parameters, sessionDays } = toColumns(events);
  return {
    sessionDays,
    execute: async (daysToMark) =>
      toFlushResult(
        await prisma.statementForRequest<FlushRow>(FLUSH_SQL, ...parameters, toArrayLiteral(daysToMark)),
      ),
  };
}
