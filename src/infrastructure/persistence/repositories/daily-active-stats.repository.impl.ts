import { Inject, Injectable } from '@nestjs/common';
import type { DailyActiveStats } from '../../../domain/aggregates/daily-active-stats/daily-active-stats.aggregate.js';
import type { IDailyActiveStatsRepository } from '../../../domain/repositories/daily-active-stats.repository.interface.js';
import type { PlaceFilter } from '../../../domain/value-objects/place-filter.vo.js';
import type { StoredDau } from '../../../domain/value-objects/stored-dau.vo.js';
import type { PendingMarks } from '../../../domain/repositories/daily-actives.repository.interface.js';
import {
  EVENT_ID_GENERATOR,
  type IEventIdGenerator,
} from '../../../application/ports/event-id-generator.port.js';
import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import {
  toDailyActiveStats,
  toStoredDau,
  toStoredDauOfPlace,
  type StoredDauRow,
} from '../mappers/daily-active-stats.mapper.js';
import { currentTrace } from '../../../shared/context/work-context.js';
import { toStoredPayload } from '../../outbox/message-trace.js';
import { PrismaService } from '../prisma/prisma.service.js';

/** Names the kind of subject in the outbox, as Debezium's event router expects it. */
export const OUTBOX_AGGREGATE = 'daily_active_stats';

/**
 * Stores figures and messages and deletes marks; changes nothing when the stored version is not the one that the
 * calculation built on. A version that stays never gets an older time, which could take its day's finality away.
 */
const UPSERT_SQL = `
WITH saved AS (
  INSERT INTO analytics_daily_active_users AS stored
    (day, dau_count, dau_by_province, dau_by_city, calculated_at, version)
  VALUES ($1::date, $2::int, $3::jsonb, $4::jsonb, $5::timestamptz, $6::int)
  ON CONFLICT (day) DO UPDATE SET
    dau_count = excluded.dau_count, dau_by_province = excluded.dau_by_province, dau_by_city = excluded.dau_by_city,
    version = excluded.version,
    calculated_at = CASE WHEN stored.version < excluded.version THEN excluded.calculated_at
                         ELSE greatest(stored.calculated_at, excluded.calculated_at) END
  WHERE stored.version = $13::int
  RETURNING day
), outbox AS (
  INSERT INTO analytics_outbox (id, aggregatetype, aggregateid, type, payload, occurred_at)
  SELECT e.id, '${OUTBOX_AGGREGATE}', e.subject, e.type, e.payload::jsonb, e.occurred_at
  FROM unnest($7::uuid[], $8::text[], $9::text[], $10::text[], $11::timestamptz[])
       AS e (id, subject, type, payload, occurred_at)
  WHERE EXISTS (SELECT FROM saved)
), settled AS (
  DELETE FROM analytics_dau_pending WHERE id = ANY ($12::bigint[]) AND EXISTS (SELECT FROM saved)
)
SELECT count(*)::int AS saved FROM saved
`;

/** Reads breakdowns as text: a year of them is megabytes, which Prisma would parse and write again. */
const RANGE_SQL = `
SELECT to_char(day, 'YYYY-MM-DD') AS day, dau_count, dau_by_province::text AS dau_by_province,
       dau_by_city::text AS dau_by_city, version,
       (extract(epoch FROM calculated_at) * 1000)::bigint AS calculated_ms
FROM analytics_daily_active_users WHERE day BETWEEN $1::date AND $2::date ORDER BY analytics_daily_active_users.day
`;

/** Reads one place: a year of all places would be megabytes for a few numbers. */
const RANGE_OF_PLACE_SQL = `
SELECT to_char(day, 'YYYY-MM-DD') AS day,
       coalesce((CASE $3::text WHEN 'province' THEN dau_by_province ELSE dau_by_city END ->> $4::text)::int, 0) AS dau_count,
       NULL AS dau_by_province, NULL AS dau_by_city, version,
       (extract(epoch FROM calculated_at) * 1000)::bigint AS calculated_ms
FROM analytics_daily_active_users WHERE day BETWEEN $1::date AND $2::date ORDER BY analytics_daily_active_users.day
`;

/** Goes from day to day by the index: an hour of late events leaves up to a million marks of a few days. */
export const PENDING_DAYS_SQL = `
WITH RECURSIVE marked AS (
  (SELECT day FROM analytics_dau_pending WHERE day BETWEEN $1::date AND $2::date ORDER BY day LIMIT 1)
  UNION ALL
  SELECT (SELECT day FROM analytics_dau_pending WHERE day > marked.day AND day <= $2::date ORDER BY day LIMIT 1)
  FROM marked WHERE marked.day IS NOT NULL
)
SELECT to_char(day, 'YYYY-MM-DD') AS day FROM marked WHERE day IS NOT NULL
`;

/** Figures, messages and settled marks of one calculation, as parameters of statements. */
export interface StatsToSave {
  /** Day, count, count of each province and city as JSON, time and version. */
  readonly figures: readonly [string, number, string, string, string, number];
  readonly messages: readonly {
    readonly id: string;
    readonly subject: string;
    readonly type: string;
    readonly payload: string;
    readonly occurredAt: string;
  }[];
  readonly marks: readonly string[];
  /** Version that the calculation built on; 0 without one. */
  readonly storedVersion: number;
}

@Injectable()
export class DailyActiveStatsRepositoryImpl implements IDailyActiveStatsRepository {
  constructor(
    protected readonly prisma: PrismaService,
    @Inject(EVENT_ID_GENERATOR) private readonly ids: IEventIdGenerator,
  ) {}

  async upsert(stats: DailyActiveStats, marks: PendingMarks): Promise<void> {
    const isSaved = await this.save({
      figures: [
        stats.day,
        stats.dauCount,
        JSON.stringify(Object.fromEntries(stats.dauByProvince)),
        JSON.stringify(Object.fromEntries(stats.dauByCity)),
        stats.calculatedAt.toISOString(),
        stats.version,
      ],
      messages: stats.getUncommittedEvents().map((event) => ({
        // One calculation has one id, however often it is stored or published.
        id: this.ids.fromContent(`${event.eventType}:${event.day}:${event.version}`).value,
        subject: event.subject,
        type: event.eventType,
        payload: JSON.stringify(toStoredPayload(event.toPayload(), currentTrace())),
        occurredAt: event.occurredAt.toISOString(),
      })),
      marks: marks.map(String),
      storedVersion: stats.storedVersion,
    });
    if (!isSaved) {
      throw new ApplicationException('dau_version_conflict', {
        detail: `Another calculation of ${stats.day} stored a version after ${stats.storedVersion} first`,
      });
    }
    stats.uncommit();
  }

  async settle(marks: PendingMarks): Promise<void> {
    await this.prisma.forJob((prisma) => prisma.dauPending.deleteMany({ where: { id: { in: [...marks] } } }));
  }

  async findPendingDays(first: DateKey, last: DateKey): Promise<DateKey[]> {
    const rows = await this.prisma.statementForRequest<{ day: DateKey }>(PENDING_DAYS_SQL, first, last);
    return rows.map(({ day }) => day);
  }

  /** @returns false when another calculation stored a version first, and nothing was changed */
  protected async save({ figures, messages, marks, storedVersion }: StatsToSave): Promise<boolean> {
    const rows = await this.prisma.forJob((prisma) =>
      prisma.$queryRawUnsafe<{ saved: number }[]>(
        UPSERT_SQL,
        ...figures,
        messages.map(({ id }) => id),
        messages.map(({ subject }) => subject),
        messages.map(({ type }) => type),
        messages.map(({ payload }) => payload),
        messages.map(({ occurredAt }) => occurredAt),
        marks,
        storedVersion,
      ),
    );
    return rows[0]?.saved === 1;
  }

  async findByDate(day: DateKey): Promise<DailyActiveStats | null> {
    const [row] = await this.prisma.forJob((prisma) =>
      prisma.$queryRawUnsafe<StoredDauRow[]>(RANGE_SQL, day, day),
    );
    return row === undefined ? null : toDailyActiveStats(row);
  }

  async findByDateRange(
    first: DateKey,
    last: DateKey,
    filter: PlaceFilter | null = null,
  ): Promise<StoredDau[]> {
    if (filter === null) {
      const rows = await this.prisma.statementForRequest<StoredDauRow>(RANGE_SQL, first, last);
      return rows.map(toStoredDau);
    }
    const { level, place } = filter;
    const rows = await this.prisma.statementForRequest<StoredDauRow>(
      RANGE_OF_PLACE_SQL,
      first,
      last,
      level,
      place,
    );
    return rows.map((row) => toStoredDauOfPlace(row, filter));
  }
}
