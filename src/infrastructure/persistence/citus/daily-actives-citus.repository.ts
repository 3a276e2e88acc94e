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
import { toActiveCount, type ActiveCountRow } from '../mappers/active-count.mapper.js';
import { PrismaService } from '../prisma/prisma.service.js';

const MARKS_SQL = 'SELECT id::text AS id FROM analytics_dau_pending WHERE day = $1::date';

/** An identity has one bucket, so each node counts its own and the coordinator adds. */
const COUNT_SQL = `
SELECT level::int AS level, place, count(*)::int AS n FROM analytics_daily_actives WHERE day = $1::date GROUP BY level, place
`;

const TOTAL_SQL = `
SELECT count(*)::int AS total FROM analytics_daily_actives WHERE day = $1::date AND level = 0 AND place = ''
`;

const IDENTITIES_SQL = `
SELECT identity FROM analytics_daily_actives
WHERE day = $1::date AND level = 0 AND place = '' AND identity > $2 ORDER BY identity LIMIT $3::int
`;

const MARKED_DAYS_SQL = `SELECT to_char(day, 'YYYY-MM-DD') AS day FROM analytics_dau_pending GROUP BY day`;

/** The marks are on the nodes, and are read apart. */
const DUE_DAYS_SQL = `SELECT DISTINCT to_char(day, 'YYYY-MM-DD') AS day FROM (${COUNTED_EARLY_SQL}) early`;

const FINAL_TOTALS_SQL = `
SELECT to_char(day, 'YYYY-MM-DD') AS day, dau_count::int AS total
FROM analytics_daily_active_users
WHERE day = ANY ($1::date[]) AND calculated_at >= ${finalSince('day')}
`;

/** Counts the active set of a Citus cluster. The stored figures are on the coordinator, and are read apart from it. */
@Injectable()
export class DailyActivesCitusRepository implements IDailyActivesRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** Reads the marks first: a node commits a mark with its actives, so a later count has the actives of each mark. */
  async count(day: DateKey): Promise<ActiveCount & { readonly marks: PendingMarks }> {
    const marks = await this.prisma.forJob((prisma) =>
      prisma.$queryRawUnsafe<{ id: string }[]>(MARKS_SQL, day),
    );
    const rows = await this.prisma.longStatementForJob<ActiveCountRow & Record<string, unknown>>(
      COUNT_SQL,
      day,
    );
    return { ...toActiveCount(rows), marks: marks.map(({ id }) => BigInt(id)) };
  }

  async countNow(day: DateKey): Promise<ActiveCount> {
    return toActiveCount(
      await this.prisma.statementForRequest<ActiveCountRow & Record<string, unknown>>(COUNT_SQL, day),
    );
  }

  async wasDropped(day: DateKey): Promise<boolean> {
    return wasDropped(this.prisma, 'actives', day);
  }

  async readTotals(days: readonly DateKey[]): Promise<ReadonlyMap<DateKey, number>> {
    const marked = new Set(await this.readMarkedDays());
    const stored = await this.prisma.forJob((prisma) =>
      prisma.$queryRawUnsafe<{ day: string; total: number }[]>(FINAL_TOTALS_SQL, [...days]),
    );
    const totals = new Map(
      stored.filter(({ day }) => !marked.has(day)).map(({ day, total }) => [day, total]),
    );
    for (const day of days) if (!totals.has(day)) totals.set(day, await this.countTotal(day));
    return totals;
  }

  async listIdentities(day: DateKey, after: string, limit: number): Promise<string[]> {
    const rows = await this.prisma.forJob((prisma) =>
      prisma.$queryRawUnsafe<{ identity: string }[]>(IDENTITIES_SQL, day, after, limit),
    );
    return rows.map(({ identity }) => identity);
  }

  async findDueDays(today: DateKey, now: Date, limit: number): Promise<DateKey[]> {
    const due = await this.prisma.forJob((prisma) =>
      prisma.$queryRawUnsafe<{ day: string }[]>(DUE_DAYS_SQL, today, now.toISOString()),
    );
    const marked = (await this.readMarkedDays()).filter((day) => day < today);
    return [...new Set([...marked, ...due.map(({ day }) => day)])].sort().slice(0, limit);
  }

  private async readMarkedDays(): Promise<DateKey[]> {
    const rows = await this.prisma.forJob((prisma) =>
      prisma.$queryRawUnsafe<{ day: string }[]>(MARKED_DAYS_SQL),
    );
    return rows.map(({ day }) => day);
  }

  private async countTotal(day: DateKey): Promise<number> {
    const [row] = await this.prisma.forJob((prisma) =>
      prisma.$queryRawUnsafe<{ total: number }[]>(TOTAL_SQL, day),
    );
    return row?.total ?? 0;
  }
}
