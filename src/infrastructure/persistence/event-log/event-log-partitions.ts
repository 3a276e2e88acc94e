import type { EventLog } from '../../../domain/entities/event-log.entity.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import type { PrismaService } from '../prisma/prisma.service.js';

const ENSURE_SQL = 'SELECT analytics_ensure_partitions($1::date, $2::date)';
const ENSURE_DAY_SQL = `
SELECT analytics_ensure_partitions($1::date, $1::date),
       EXISTS (SELECT FROM analytics_dropped_days WHERE day = $1::date AND actives_dropped_at IS NOT NULL) AS closed
`;

/** Creates the log's partitions for each day, and remembers which days have them and which are closed. */
export class EventLogPartitions {
  private readonly knownDays = new Set<DateKey>();
  private readonly closedDays = new Set<DateKey>();

  constructor(private readonly prisma: PrismaService) {}

  /** Creates the partitions that the events need, within the time limit of a request. */
  async ensureFor(events: readonly EventLog[]): Promise<void> {
    const missing = new Set<DateKey>();
    for (const { day } of events) if (!this.knownDays.has(day)) missing.add(day);
    for (const day of [...missing].sort()) {
      const [row] = await this.prisma.statementForRequest<{ closed: boolean }>(ENSURE_DAY_SQL, day);
      this.knownDays.add(day);
      if (row?.closed === true) this.closedDays.add(day);
    }
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
  }
}
