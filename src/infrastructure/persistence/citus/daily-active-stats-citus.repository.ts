import { Injectable } from '@nestjs/common';
import type { PendingMarks } from '../../../domain/repositories/daily-actives.repository.interface.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import {
  DailyActiveStatsRepositoryImpl,
  OUTBOX_AGGREGATE,
  type StatsToSave,
} from '../repositories/daily-active-stats.repository.impl.js';
import { bucketOf } from './buckets.js';

const SAVE_SQL = `
INSERT INTO analytics_daily_active_users AS stored
  (day, dau_count, dau_by_province, dau_by_city, calculated_at, version)
VALUES ($1::date, $2::int, $3::jsonb, $4::jsonb, $5::timestamptz, $6::int)
ON CONFLICT (day) DO UPDATE SET
  dau_count = excluded.dau_count, dau_by_province = excluded.dau_by_province, dau_by_city = excluded.dau_by_city,
  version = excluded.version,
  calculated_at = CASE WHEN stored.version < excluded.version THEN excluded.calculated_at
                       ELSE greatest(stored.calculated_at, excluded.calculated_at) END
WHERE stored.version = $7::int
`;

const MESSAGE_SQL = `
INSERT INTO analytics_outbox (lane, sequence, id, aggregatetype, aggregateid, type, payload, occurred_at)
VALUES ($1::smallint, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, $2::uuid, '${OUTBOX_AGGREGATE}',
  $3, $4, $5::jsonb, $6::timestamptz)
`;

/** Each node groups its own marks, which have no order across the nodes. */
const PENDING_DAYS_SQL = `
SELECT to_char(day, 'YYYY-MM-DD') AS day FROM analytics_dau_pending WHERE day BETWEEN $1::date AND $2::date GROUP BY day
`;

const SETTLE_SQL = 'DELETE FROM analytics_dau_pending WHERE id = ANY ($1::bigint[])';
const TRANSACTION_MS = 10_000;

/** Stores figures on the coordinator, their message in its bucket, and deletes marks in all buckets, together. */
@Injectable()
export class DailyActiveStatsCitusRepository extends DailyActiveStatsRepositoryImpl {
  override async settle(marks: PendingMarks): Promise<void> {
    await this.prisma.forJob((prisma) => prisma.$executeRawUnsafe(SETTLE_SQL, marks.map(String)));
  }

  override async findPendingDays(first: DateKey, last: DateKey): Promise<DateKey[]> {
    const rows = await this.prisma.statementForRequest<{ day: DateKey }>(PENDING_DAYS_SQL, first, last);
    return rows.map(({ day }) => day);
  }

  protected override async save({ figures, messages, marks, storedVersion }: StatsToSave): Promise<boolean> {
    return this.prisma.transactionForJob(async (transaction) => {
      if ((await transaction.$executeRawUnsafe(SAVE_SQL, ...figures, storedVersion)) !== 1) return false;
      for (const { id, subject, type, payload, occurredAt } of messages) {
        await transaction.$executeRawUnsafe(
          MESSAGE_SQL,
          bucketOf(subject),
          id,
          subject,
          type,
          payload,
          occurredAt,
        );
      }
      if (marks.length > 0) await transaction.$executeRawUnsafe(SETTLE_SQL, marks);
      return true;
    }, TRANSACTION_MS);
  }
}
