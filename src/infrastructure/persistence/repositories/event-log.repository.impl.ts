import { Inject, Injectable, Optional } from '@nestjs/common';
import { CLOCK, type IClock } from '../../../application/ports/clock.port.js';
import type { IEventLogMaintenance } from '../../../application/ports/event-log-maintenance.port.js';
import { NO_TRACER, TRACER, type ITracer } from '../../../application/ports/tracer.port.js';
import type { EventLog } from '../../../domain/entities/event-log.entity.js';
import type {
  IEventLogRepository,
  InsertOutcome,
} from '../../../domain/repositories/event-log.repository.interface.js';
import type { ActiveCount } from '../../../domain/value-objects/active-count.vo.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import { countDauFromLog } from '../event-log/dau-from-log.js';
import { DayMarks } from '../event-log/day-marks.js';
import { EventFlush } from '../event-log/event-flush.js';
import { noteTrace } from '../event-log/event-traces.js';
import { EventLogPartitions } from '../event-log/event-log-partitions.js';
import { wasDropped } from '../event-log/dropped-days.js';
import { COALESCING } from '../event-log/coalescing.js';
import { FlushCoalescer } from '../event-log/flush-coalescer.js';
import { StatementFlushStore } from '../event-log/flush-statement.js';
import { PrismaService } from '../prisma/prisma.service.js';

const REMOVE_CORRECTIONS_SQL = `
WITH removed AS (DELETE FROM analytics_event_corrections WHERE created_at < $1::timestamptz RETURNING 1)
SELECT count(*)::int AS removed FROM removed
`;

@Injectable()
export class EventLogRepositoryImpl implements IEventLogRepository, IEventLogMaintenance {
  private readonly partitions: EventLogPartitions;
  private readonly coalescer: FlushCoalescer<EventLog, InsertOutcome>;

  constructor(
    private readonly prisma: PrismaService,
    @Inject(CLOCK) clock: IClock,
    @Optional() @Inject(TRACER) private readonly tracer: ITracer = NO_TRACER,
  ) {
    this.partitions = new EventLogPartitions(prisma);
    const flush = new EventFlush(
      prisma,
      new StatementFlushStore(prisma),
      this.partitions,
      new DayMarks(clock),
    );
    this.coalescer = new FlushCoalescer((events) => flush.store(events), COALESCING);
  }

  async batchInsert(events: readonly EventLog[]): Promise<InsertOutcome[]> {
    return this.tracer.run('flush events', { attributes: { 'analytics.events': events.length } }, () => {
      noteTrace(events);
      return this.coalescer.submit(events);
    });
  }

  async queryDau(day: DateKey): Promise<ActiveCount> {
    return countDauFromLog(this.prisma, day);
  }

  async wasDropped(day: DateKey): Promise<boolean> {
    return wasDropped(this.prisma, 'events', day);
  }

  async ensureDays(first: DateKey, last: DateKey): Promise<void> {
    await this.partitions.ensureRange(first, last);
  }

  async removeCorrections(before: Date): Promise<number> {
    const [row] = await this.prisma.longStatementForJob<{ removed: number }>(
      REMOVE_CORRECTIONS_SQL,
      before.toISOString(),
    );
    return row?.removed ?? 0;
  }
}
