import type { EventLog } from '../../../domain/entities/event-log.entity.js';
import { coversCount } from '../../../domain/value-objects/active-count.vo.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import { COUNT_BITS_SQL } from '../actives/identity-statements.js';
import { toActiveCount, type ActiveCountRow } from '../mappers/active-count.mapper.js';
import type { PrismaService } from '../prisma/prisma.service.js';

const ENSURE_SQL = 'SELECT analytics_ensure_partitions($1::date, $2::date)';
const ENSURE_DAY_SQL = `
SELECT analytics_ensure_partitions($1::date, $1::date),
       EXISTS (SELECT FROM analytics_dropped_days WHERE day = $1::date AND actives_dropped_at IS NOT NULL) AS "isDropped"
`;
const REOPEN_SQL = 'SELECT analytics_reopen_day($1::date)';
const FIGURES_SQL = `
SELECT 0 AS level, '' AS place, dau_count::int AS n FROM analytics_daily_active_users WHERE day = $1::date
UNION ALL
SELECT 1, key, value::int FROM analytics_daily_active_users, jsonb_each_text(dau_by_province) WHERE day = $1::date
UNION ALL
SELECT 2, key, value::int FROM analytics_daily_active_users, jsonb_each_text(dau_by_city) WHERE day = $1::date
`;

/**
 * Creates the partitions of each day, and remembers which days have them and which are closed. A day whose active set
 * was dropped is open when its bits hold what its figures count: what comes is added to them (docs/adr/0020).
 */
export class EventLogPartitions {
  private readonly knownDays = new Set<DateKey>();
  private readonly closedDays = new Set<DateKey>();
  /** Flushes of several buckets that meet a new day wait for one creation. */
  private readonly inFlight = new Map<DateKey, Promise<void>>();

  /**
   * @param limits a cluster takes a second for a day, which is more than a statement of a request may take
   * @param readBits counts the bits of a day, and those of its places
   */
  constructor(
    private readonly prisma: PrismaService,
    private readonly limits: 'request' | 'job' = 'request',
    private readonly readBits: (prisma: PrismaService, day: DateKey) => Promise<ActiveCountRow[]> = countBits,
  ) {}

  /** Creates the partitions that the events need. */
  async ensureFor(events: readonly EventLog[]): Promise<void> {
    const missing = new Set<DateKey>();
    for (const { day } of events) if (!this.knownDays.has(day)) missing.add(day);
    for (const day of [...missing].sort()) await (this.inFlight.get(day) ?? this.create(day));
  }

  /** Returns the positions of events that have no partition to go to: session starts of closed days. */
  findClosed(events: readonly EventLog[]): number[] {
    if (this.closedDays.size === 0) return [];
    return events.flatMap(({ eventName, day }, position) =>
      eventName.isDauEvent() && this.closedDays.has(day) ? [position] : [],
    );
  }

  /** Creates the partitions from `first` to `last`, both included, as a job. */
  async ensureRange(first: DateKey, last: DateKey): Promise<void> {
    await this.prisma.longStatementForJob(ENSURE_SQL, first, last);
  }

  /** Makes the next {@link ensureFor} ask the database again: retention may have dropped a known partition. */
  reset(): void {
    this.knownDays.clear();
    this.closedDays.clear();
  }

  private create(day: DateKey): Promise<void> {
    const creation = this.ensureDay(day).finally(() => this.inFlight.delete(day));
    this.inFlight.set(day, creation);
    return creation;
  }

  private async ensureDay(day: DateKey): Promise<void> {
    const [row] =
      this.limits === 'job'
        ? await this.prisma.longStatementForJob<{ isDropped: boolean }>(ENSURE_DAY_SQL, day)
        : await this.prisma.statementForRequest<{ isDropped: boolean }>(ENSURE_DAY_SQL, day);
    if (row?.isDropped === true) await this.reopen(day);
    this.knownDays.add(day);
  }

  /** Reads the figures before the bits, which only grow: figures are counted from them. Imports alone come here. */
  private async reopen(day: DateKey): Promise<void> {
    const figures = await this.prisma.longStatementForJob<ActiveCountRow>(FIGURES_SQL, day);
    const bits = await this.readBits(this.prisma, day);
    if (coversCount(toActiveCount(bits), toActiveCount(figures)))
      await this.prisma.longStatementForJob(REOPEN_SQL, day);
    else this.closedDays.add(day);
  }
}

function countBits(prisma: PrismaService, day: DateKey): Promise<ActiveCountRow[]> {
  return prisma.longStatementForJob<ActiveCountRow & Record<string, unknown>>(COUNT_BITS_SQL, day);
}
