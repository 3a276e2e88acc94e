import { Injectable } from '@nestjs/common';
import type {
  BitsComparison,
  BuiltCount,
  FirstDaysComparison,
  IActiveBitsRepository,
  NewUsersComparison,
  WeekComparison,
} from '../../../domain/repositories/active-bits.repository.interface.js';
import { subtractCount, type ActiveCount } from '../../../domain/value-objects/active-count.vo.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import { addActives } from '../actives/add-actives.js';
import { compareBitsWithLog, compareNewUsers } from '../actives/bits-audit.js';
import { compareFirstDays } from '../actives/first-days-audit.js';
import { COUNT_BITS_SQL } from '../actives/identity-statements.js';
import { waitForBuilds } from '../actives/wait-for-builds.js';
import { FIND_WEEKS_SQL } from '../actives/week-statements.js';
import { compareWeeks, uniteWeek } from '../actives/week-unions.js';
import { toActiveCount, type ActiveCountRow } from '../mappers/active-count.mapper.js';
import type { LongSession } from '../prisma/long-statement.js';
import { PrismaService } from '../prisma/prisma.service.js';

/** Lets the join and the groups of a read fit into memory; by default PostgreSQL would write both to disk in parts. */
const MEMORY_SQL = `SELECT set_config('work_mem', '64MB', true), set_config('hash_mem_multiplier', '4', true)`;
/** Reads the marks before the set: actives and their mark are committed together. */
const MARKS_SQL = 'SELECT id::text AS mark FROM analytics_dau_pending WHERE day = $1::date';
const REMEMBER_SQL = `
INSERT INTO analytics_active_days AS stored (day, built_at) VALUES ($1::date, $2::timestamptz)
ON CONFLICT (day) DO UPDATE SET built_at = greatest(stored.built_at, excluded.built_at)
`;
const UNBUILT_SQL = `
SELECT to_char(day, 'YYYY-MM-DD') AS day FROM analytics_daily_active_users stats
WHERE day < $1::date AND NOT EXISTS (SELECT FROM analytics_active_days built WHERE built.day = stats.day)
ORDER BY stats.day LIMIT $2::int
`;

@Injectable()
export class ActiveBitsRepositoryImpl implements IActiveBitsRepository {
  /** Outlasts a build of ten million users, and is within the ten minutes of a statement. */
  protected readonly waitForBuildsMs: number = 9 * 60_000;

  constructor(protected readonly prisma: PrismaService) {}

  async build(day: DateKey, readClock: () => Date): Promise<BuiltCount> {
    return this.prisma.longTransactionForJob(async (session) => {
      await this.begin(session);
      const countedAt = readClock();
      const marks = await session.run<{ mark: string }>(MARKS_SQL, day);
      await this.addActives(session, day);
      await session.run(REMEMBER_SQL, day, countedAt.toISOString());
      const count = await this.countBits(session, day);
      return { ...count, marks: marks.map(({ mark }) => BigInt(mark)), countedAt };
    });
  }

  async compareWithLog(day: DateKey): Promise<BitsComparison | null> {
    return compareBitsWithLog(this.prisma, day);
  }

  /** Builds and takes back: what a build would add is what the bits lack, whatever form they are stored in. */
  async compareWithSet(day: DateKey): Promise<ActiveCount> {
    return this.prisma.longTransactionForJob(async (session) => {
      await this.begin(session);
      const before = await this.countBits(session, day);
      await session.run('SAVEPOINT unbuilt');
      await this.addActives(session, day);
      const after = await this.countBits(session, day);
      await session.run('ROLLBACK TO SAVEPOINT unbuilt');
      return subtractCount(after, before);
    });
  }

  async compareNewUsers(
    first: DateKey,
    last: DateKey,
    onStep?: (done: number, of: number) => void,
  ): Promise<NewUsersComparison[]> {
    return compareNewUsers(this.prisma, first, last, { onStep });
  }

  async compareFirstDays(
    first: DateKey,
    last: DateKey,
    onStep?: (done: number, of: number) => void,
  ): Promise<FirstDaysComparison> {
    return compareFirstDays(this.prisma, first, last, { onStep });
  }

  async findUnbuiltDays(today: DateKey, limit: number): Promise<DateKey[]> {
    const rows = await this.prisma.forJob((prisma) =>
      prisma.$queryRawUnsafe<{ day: string }[]>(UNBUILT_SQL, today, limit),
    );
    return rows.map(({ day }) => day);
  }

  async findWeeks(today: DateKey, limit: number): Promise<DateKey[]> {
    const rows = await this.prisma.longStatementForJob<{ week: DateKey }>(
      FIND_WEEKS_SQL,
      today,
      String(limit),
    );
    return rows.map(({ week }) => week);
  }

  async uniteWeek(week: DateKey): Promise<void> {
    await this.prisma.longTransactionForJob(async (session) => {
      await this.begin(session);
      await uniteWeek(session, week);
    });
  }

  async compareWeeks(first: DateKey, last: DateKey): Promise<WeekComparison[]> {
    const session: LongSession = {
      run: (WEEK_SQL, ...parameters) => this.prisma.longStatementForJob(WEEK_SQL, ...parameters),
    };
    return compareWeeks(session, first, last);
  }

  protected async setMemory(session: LongSession): Promise<void> {
    await session.run(MEMORY_SQL);
  }

  protected async addActives(session: LongSession, day: DateKey): Promise<void> {
    await addActives(session, day);
  }

  protected async countBits(session: LongSession, day: DateKey): Promise<ActiveCount> {
    return toActiveCount(await session.run<ActiveCountRow>(COUNT_BITS_SQL, day));
  }

  private async begin(session: LongSession): Promise<void> {
    await waitForBuilds(session, this.waitForBuildsMs);
    await this.setMemory(session);
  }
}
