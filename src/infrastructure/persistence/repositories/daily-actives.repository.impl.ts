import { Injectable } from '@nestjs/common';
import type {
  IDailyActivesRepository,
  PendingMarks,
} from '../../../domain/repositories/daily-actives.repository.interface.js';
import type { ActiveCount } from '../../../domain/value-objects/active-count.vo.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import { COUNTED_EARLY_SQL } from '../actives/early-days.js';
import { finalSince } from '../actives/final-since.js';
import { wasDropped } from '../event-log/dropped-days.js';
import { ACTIVE_LEVEL, toActiveCount, type ActiveCountRow } from '../mappers/active-count.mapper.js';
import { toDateColumn } from '../mappers/daily-active-stats.mapper.js';
import { PrismaService } from '../prisma/prisma.service.js';

/** Reads counts and marks in one snapshot: the actives behind each mark read are counted (docs/adr/0004). */
const COUNT_WITH_MARKS_SQL = `
SELECT level::int AS level, place, count(*)::int AS n, NULL::text AS mark
FROM analytics_daily_actives WHERE day = $1::date GROUP BY level, place
UNION ALL
SELECT NULL, NULL, NULL, id::text FROM analytics_dau_pending WHERE day = $1::date
`;

/** Selects past days with a mark, and final days that were last counted before they became final. */
const DUE_DAYS_SQL = `
SELECT to_char(day, 'YYYY-MM-DD') AS day FROM (
  SELECT day FROM analytics_dau_pending WHERE day < $1::date
  UNION ${COUNTED_EARLY_SQL}
) due ORDER BY day LIMIT $3
`;

/** Reads the stored figures of those days that are final and have no mark. */
const SETTLED_TOTALS_SQL = `
SELECT to_char(day, 'YYYY-MM-DD') AS day, dau_count::int AS total
FROM analytics_daily_active_users stored
WHERE day = ANY ($1::date[])
  AND calculated_at >= ${finalSince('day')}
  AND NOT EXISTS (SELECT FROM analytics_dau_pending marks WHERE marks.day = stored.day)
`;

@Injectable()
export class DailyActivesRepositoryImpl implements IDailyActivesRepository {
  constructor(private readonly prisma: PrismaService) {}

  async count(day: DateKey): Promise<ActiveCount & { readonly marks: PendingMarks }> {
    const rows = await this.prisma.longStatementForJob<ActiveCountRow & { mark: string | null }>(
      COUNT_WITH_MARKS_SQL,
      day,
    );
    return {
      ...toActiveCount(rows.filter(({ mark }) => mark === null)),
      marks: rows.flatMap(({ mark }) => (mark === null ? [] : [BigInt(mark)])),
    };
  }

  async countNow(day: DateKey): Promise<ActiveCount> {
    const rows = await this.prisma.forRequest(
      (prisma) => prisma.$queryRaw<ActiveCountRow[]>`
        SELECT level::int AS level, place, count(*)::int AS n
        FROM analytics_daily_actives WHERE day = ${day}::date GROUP BY level, place`,
    );
    return toActiveCount(rows);
  }

  async wasDropped(day: DateKey): Promise<boolean> {
    return wasDropped(this.prisma, 'actives', day);
  }

  async readTotals(days: readonly DateKey[]): Promise<ReadonlyMap<DateKey, number>> {
    const settled = await this.prisma.forJob((prisma) =>
      prisma.$queryRawUnsafe<{ day: string; total: number }[]>(SETTLED_TOTALS_SQL, [...days]),
    );
    const totals = new Map(settled.map(({ day, total }) => [day, total]));
    for (const day of days) {
      // Counts day by day: a constant day touches one partition.
      if (!totals.has(day)) totals.set(day, await this.countTotal(day));
    }
    return totals;
  }

  async listIdentities(day: DateKey, after: string, limit: number): Promise<string[]> {
    const rows = await this.prisma.forJob((prisma) =>
      prisma.dailyActive.findMany({
        where: { day: toDateColumn(day), level: ACTIVE_LEVEL.total, place: '', identity: { gt: after } },
        orderBy: { identity: 'asc' },
        take: limit,
        select: { identity: true },
      }),
    );
    return rows.map(({ identity }) => identity);
  }

  async findDueDays(today: DateKey, now: Date, limit: number): Promise<DateKey[]> {
    const rows = await this.prisma.forJob((prisma) =>
      prisma.$queryRawUnsafe<{ day: string }[]>(DUE_DAYS_SQL, today, now.toISOString(), limit),
    );
    return rows.map(({ day }) => day);
  }

  private countTotal(day: DateKey): Promise<number> {
    return this.prisma.forJob((prisma) =>
      prisma.dailyActive.count({ where: { day: toDateColumn(day), level: ACTIVE_LEVEL.total, place: '' } }),
    );
  }
}
