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
  /** Flushes of several buckets that meet a new day wait for one creation. */
  private readonly inFlight = new Map<DateKey, Promise<void>>();

  /** @param limits a cluster takes a second for a day, which is more than a statement of a request may take */
  constructor(
    private readonly prisma: PrismaService,
    private readonly limits: 'request' | 'job' = 'request',
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
  }

  private create(day: DateKey): Promise<void> {
    const creation = this.ensureDay(day).finally(() => this.inFlight.delete(day));
    this.inFlight.set(day, creation);
    return creation;
  }

  private async ensureDay(day: DateKey): Promise<void> {
    const [row] =
      this.limits === 'job'
        ? await this.prisma.longStatementForJob<{ closed: boolean }>(ENSURE_DAY_SQL, day)
        : await this.prisma.statementForRequest<{ closed: boolean }>(ENSURE_DAY_SQL, day);
    this.knownDays.add(day);
    if (row?.closed === true) this.closedDays.add(day);
  }
}
