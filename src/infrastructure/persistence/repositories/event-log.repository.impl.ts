import { Inject, Injectable } from '@nestjs/common';
import type { EventLog } from '../../../domain/entities/event-log.entity.js';
import { SessionStartedEvent } from '../../../domain/events/session-started.event.js';
import { CLOCK, type IClock } from '../../../application/ports/clock.port.js';
import type { ActiveCount } from '../../../domain/value-objects/active-count.vo.js';
import type { IEventLogMaintenance } from '../../../application/ports/event-log-maintenance.port.js';
import type { IEventLogRepository } from '../../../domain/repositories/event-log.repository.interface.js';
import { finalFrom } from '../../../shared/rules/final-hour.rule.js';
import { EventName } from '../../../domain/value-objects/event-name.vo.js';
import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { flushDurationSeconds, flushFailuresTotal, flushRows } from '../../../shared/metrics/metrics.js';
import { dayRange, type DateKey } from '../../../shared/utils/timezone.util.js';
import { FlushCoalescer } from '../event-log/flush-coalescer.js';
import { toActiveCount, type ActiveCountRow } from '../mappers/active-count.mapper.js';
import { toArrayLiteral, toColumns } from '../mappers/event-log.mapper.js';
import { sqlStateOf } from '../prisma/database-errors.js';
import { PrismaService } from '../prisma/prisma.service.js';

/** Debezium's name for the kind of thing a message is about. */
const OUTBOX_AGGREGATE = 'session';
const NO_PARTITION = '23514';
const DEADLOCK = '40P01';
const MAX_ATTEMPTS = 3;
/** With properties of this size a row counts as two. */
const ORDINARY_ROW_CHARACTERS = 1000;
/** A flush that starts before a day is final could commit after its final count; this much earlier it cannot. */
const FINAL_MARGIN_MS = 5 * 60 * 1000;

/**
 * Everything a flush of events does, in one statement and one round trip; answers the ordinals of events that were
 * in the log already, and the days it left a mark on.
 *
 * - An event whose time was corrected would get another key when sent again. So its id is registered apart: repeats
 *   find it there, whether their own time was corrected or not, and a corrected repeat of an uncorrected event finds
 *   that under its client time. The scalar sub-query keeps this a key look-up, never a scan of the log.
 * - Rows go in sorted by key, so that concurrent flushes of the same events wait for each other in one order.
 * - Actives and outbox rows are made of the rows really inserted, so nothing is announced twice.
 * - Outbox rows are numbered in the order things happened: an offline queue arrives whole, and a subject stays in order.
 */
const FLUSH_SQL = `
WITH input AS MATERIALIZED (
  SELECT event_id, event_time, client_time, user_id, install_id, event_name, nullif(properties, 'null') AS properties, ordinal
  FROM ROWS FROM (
    unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::bigint[], $5::text[], $6::text[]),
    jsonb_array_elements($7::jsonb)
  ) WITH ORDINALITY AS t (event_id, event_time, client_time, user_id, install_id, event_name, properties, ordinal)
), fresh AS (
  SELECT i.* FROM input i
  WHERE NOT EXISTS (SELECT FROM analytics_event_corrections c WHERE c.event_id = i.event_id)
    AND (i.client_time IS NULL OR (
      SELECT true FROM analytics_event_log l
      WHERE l.event_time = i.client_time AND l.event_id = i.event_id LIMIT 1) IS NULL)
), corrected AS (
  INSERT INTO analytics_event_corrections (event_id, client_time, event_time)
  SELECT event_id, client_time, event_time FROM fresh WHERE client_time IS NOT NULL ORDER BY event_id
  ON CONFLICT DO NOTHING
  RETURNING event_id
), inserted AS (
  INSERT INTO analytics_event_log (event_id, event_time, user_id, install_id, event_name, properties)
  SELECT event_id, event_time, user_id, install_id, event_name, properties FROM fresh
  WHERE client_time IS NULL OR event_id IN (SELECT event_id FROM corrected)
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
SELECT i.ordinal::int AS ordinal, NULL AS marked FROM input i LEFT JOIN inserted n USING (event_id) WHERE n.event_id IS NULL
UNION ALL
SELECT NULL, to_char(day, 'YYYY-MM-DD') FROM marks
`;

/** An event that was in the log already, or a day that was marked. */
interface FlushRow {
  readonly ordinal: number | null;
  readonly marked: DateKey | null;
}

/** Distinct decided here, by levels told apart by name: a user without a province is no grand total. */
const DAU_FROM_LOG_SQL = `
WITH sessions AS (
  SELECT CASE WHEN user_id IS NULL THEN 'i:' || install_id ELSE 'u:' || user_id::text END AS identity,
         CASE WHEN jsonb_typeof(properties -> 'province') = 'string' THEN properties ->> 'province' ELSE '' END AS province,
         CASE WHEN jsonb_typeof(properties -> 'city') = 'string' THEN properties ->> 'city' ELSE '' END AS city
  FROM analytics_event_log
  WHERE event_name = $1 AND event_time >= $2::timestamptz AND event_time < $3::timestamptz
)
SELECT 0 AS level, '' AS place, count(DISTINCT identity)::int AS n FROM sessions
UNION ALL
SELECT 1, province, count(DISTINCT identity)::int FROM sessions WHERE province <> '' GROUP BY province
UNION ALL
SELECT 2, city, count(DISTINCT identity)::int FROM sessions WHERE city <> '' GROUP BY city
`;

@Injectable()
export class EventLogRepositoryImpl implements IEventLogRepository, IEventLogMaintenance {
  private readonly coalescer = new FlushCoalescer<EventLog, boolean>(
    (logs) => this.flush(logs),
    (error) => /^2[23]/.test(sqlStateOf(error) ?? ''),
    {
      targetRows: 1000,
      concurrency: 3,
      minRowsBeside: 100,
      maxRows: 20_000,
      weigh: (log) => 1 + (log.properties.json?.length ?? 0) / ORDINARY_ROW_CHARACTERS,
      isOutage: (error) => error instanceof ApplicationException && error.code === 'database_unavailable',
    },
  );
  /** Days whose partitions are known to exist. */
  private readonly readyDays = new Set<DateKey>();
  /** Days this process has marked as pending before they were final; see {@link daysToMark}. */
  private readonly markedDays = new Set<DateKey>();

  constructor(
    private readonly prisma: PrismaService,
    @Inject(CLOCK) private readonly clock: IClock,
  ) {}

  async batchInsert(logs: readonly EventLog[]): Promise<boolean[]> {
    return this.coalescer.submit(logs);
  }

  async queryDau(day: DateKey): Promise<ActiveCount> {
    const { start, end } = dayRange(day);
    const rows = await this.prisma.forJob((prisma) =>
      prisma.$queryRawUnsafe<ActiveCountRow[]>(
        DAU_FROM_LOG_SQL,
        EventName.APP_SESSION_START.value,
        start.toISOString(),
        end.toISOString(),
      ),
    );
    return toActiveCount(rows);
  }

  async ensureDays(first: DateKey, last: DateKey): Promise<void> {
    await this.prisma.forJob(
      (prisma) => prisma.$queryRaw`SELECT analytics_ensure_partitions(${first}::date, ${last}::date)`,
    );
  }

  async removeCorrections(before: Date): Promise<number> {
    const { count } = await this.prisma.forJob((prisma) =>
      prisma.eventCorrection.deleteMany({ where: { createdAt: { lt: before } } }),
    );
    return count;
  }

  private async flush(logs: readonly EventLog[]): Promise<boolean[]> {
    const firsts = new Map<string, number>();
    logs.forEach((log, index) => {
      // Repeats within the flush are settled here: the first one counts.
      if (!firsts.has(log.eventId.value)) firsts.set(log.eventId.value, index);
    });
    const unique =
      firsts.size === logs.length ? logs : [...firsts.values()].map((index) => logs[index] as EventLog);

    const stop = flushDurationSeconds.startTimer();
    flushRows.observe(unique.length);
    const known = await this.insert(unique).catch((error: unknown) => {
      flushFailuresTotal.inc();
      throw error;
    });
    stop();

    const isNew = logs.map((log, index) => firsts.get(log.eventId.value) === index);
    const indexes = [...firsts.values()];
    for (const ordinal of known) isNew[indexes[ordinal - 1] as number] = false;
    return isNew;
  }

  /** @returns 1-based positions of the events that were in the log already */
  private async insert(logs: readonly EventLog[]): Promise<number[]> {
    const { parameters, sessionDays } = toColumns(logs);
    for (let attempt = 1; ; attempt++) {
      await this.ensurePartitions(logs);
      const marks = this.daysToMark(sessionDays);
      try {
        const rows = await this.prisma.statementForRequest<FlushRow>(
          FLUSH_SQL,
          ...parameters,
          toArrayLiteral(marks),
        );
        for (const { marked } of rows) if (marked !== null) this.markedDays.add(marked);
        return rows.flatMap(({ ordinal }) => (ordinal === null ? [] : [ordinal]));
      } catch (error) {
        const state = sqlStateOf(error) ?? sqlStateOf((error as Error).cause);
        if (attempt >= MAX_ATTEMPTS || (state !== NO_PARTITION && state !== DEADLOCK)) throw error;
        // Retention has dropped a partition that was known: look again.
        if (state === NO_PARTITION) this.readyDays.clear();
      }
    }
  }

  private async ensurePartitions(logs: readonly EventLog[]): Promise<void> {
    const missing = new Set<DateKey>();
    for (const { day } of logs) if (!this.readyDays.has(day)) missing.add(day);
    for (const day of [...missing].sort()) {
      await this.prisma.forRequest(
        (prisma) => prisma.$queryRaw`SELECT analytics_ensure_partitions(${day}::date, ${day}::date)`,
      );
      this.readyDays.add(day);
    }
  }

  /**
   * The days on which this flush must leave a mark if they gain actives. A day that is not final yet will be
   * calculated anyway, provided that somebody knows of it: one mark a process is enough. Afterwards every flush that
   * adds somebody must say so.
   */
  private daysToMark(days: ReadonlySet<DateKey>): DateKey[] {
    const soon = this.clock.now().getTime() + FINAL_MARGIN_MS;
    return [...days].filter((day) => !this.markedDays.has(day) || soon >= finalFrom(day).getTime());
  }
}
