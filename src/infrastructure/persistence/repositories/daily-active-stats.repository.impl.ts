import { Inject, Injectable } from '@nestjs/common';
import type { DailyActiveStats } from '../../../domain/aggregates/daily-active-stats/daily-active-stats.aggregate.js';
import type { IDailyActiveStatsRepository } from '../../../domain/repositories/daily-active-stats.repository.interface.js';
import type { StoredDau } from '../../../domain/value-objects/stored-dau.vo.js';
import type { PendingMarks } from '../../../domain/repositories/daily-actives.repository.interface.js';
import {
  EVENT_ID_GENERATOR,
  type IEventIdGenerator,
} from '../../../application/ports/event-id-generator.port.js';
import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import { toDailyActiveStats, toStoredDau, type StoredDauRow } from '../mappers/daily-active-stats.mapper.js';
import { PrismaService } from '../prisma/prisma.service.js';

/** Names the kind of subject in the outbox, as Debezium's event router expects it. */
const OUTBOX_AGGREGATE = 'daily_active_stats';

/** Stores figures and messages and deletes marks; changes nothing when another calculation stored this version. */
const UPSERT_SQL = `
WITH saved AS (
  INSERT INTO analytics_daily_active_users AS stored
    (day, dau_count, dau_by_province, dau_by_city, calculated_at, version)
  VALUES ($1::date, $2::int, $3::jsonb, $4::jsonb, $5::timestamptz, $6::int)
  ON CONFLICT (day) DO UPDATE SET
    dau_count = excluded.dau_count, dau_by_province = excluded.dau_by_province, dau_by_city = excluded.dau_by_city,
    calculated_at = excluded.calculated_at, version = excluded.version
  WHERE stored.version = excluded.version - 1
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

@Injectable()
export class DailyActiveStatsRepositoryImpl implements IDailyActiveStatsRepository {
  constructor(
    private readonly prisma: PrismaService,
    @Inject(EVENT_ID_GENERATOR) private readonly ids: IEventIdGenerator,
  ) {}

  async upsert(stats: DailyActiveStats, marks: PendingMarks): Promise<void> {
    const events = stats.getUncommittedEvents();
    const rows = await this.prisma.forJob((prisma) =>
      prisma.$queryRawUnsafe<{ saved: number }[]>(
        UPSERT_SQL,
        stats.day,
        stats.dauCount,
        JSON.stringify(Object.fromEntries(stats.dauByProvince)),
        JSON.stringify(Object.fromEntries(stats.dauByCity)),
        stats.calculatedAt.toISOString(),
        stats.version,
        // One calculation has one id, however often it is stored or published.
        events.map(
          ({ eventType, day, version }) => this.ids.fromContent(`${eventType}:${day}:${version}`).value,
        ),
        events.map(({ subject }) => subject),
        events.map(({ eventType }) => eventType),
        events.map((event) => JSON.stringify(event.toPayload())),
        events.map(({ occurredAt }) => occurredAt.toISOString()),
        marks.map(String),
      ),
    );
    if (rows[0]?.saved !== 1) {
      throw new ApplicationException('dau_version_conflict', {
        detail: `Another calculation of ${stats.day} stored version ${stats.version} first`,
      });
    }
    stats.uncommit();
  }

  async settle(marks: PendingMarks): Promise<void> {
    await this.prisma.forJob((prisma) => prisma.dauPending.deleteMany({ where: { id: { in: [...marks] } } }));
  }

  async findByDate(day: DateKey): Promise<DailyActiveStats | null> {
    const [row] = await this.prisma.forJob((prisma) =>
      prisma.$queryRawUnsafe<StoredDauRow[]>(RANGE_SQL, day, day),
    );
    return row === undefined ? null : toDailyActiveStats(row);
  }

  async findByDateRange(first: DateKey, last: DateKey): Promise<StoredDau[]> {
    const rows = await this.prisma.statementForRequest<StoredDauRow>(RANGE_SQL, first, last);
    return rows.map(toStoredDau);
  }
}
