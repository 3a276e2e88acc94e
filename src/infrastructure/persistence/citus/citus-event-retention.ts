import { Injectable } from '@nestjs/common';
import type {
  DayPartition,
  DropOutcome,
  RetainedData,
} from '../../../application/ports/event-retention.port.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import { RETAINED_TABLES } from '../event-log/dropped-days.js';
import {
  dropParameters,
  PostgresEventRetention,
  toDayPartition,
  type DropRow,
  type ListedRow,
} from '../event-log/postgres-event-retention.js';
import { sqlStateOf } from '../prisma/database-errors.js';

const LIST_SQL = `
SELECT sizes.day, sizes.bytes, stored.version, (extract(epoch FROM stored.calculated_at) * 1000)::float8 AS "calculatedMs"
FROM analytics_partition_sizes($1) sizes
LEFT JOIN analytics_daily_active_users stored ON to_char(stored.day, 'YYYY-MM-DD') = sizes.day
WHERE sizes.day < $2 ORDER BY sizes.day
`;

const DROP_SQL = "SELECT analytics_drop_distributed_day($1, $2::date, nullif($3, '')::int) AS outcome";

const MARKED_DAYS_SQL = `SELECT to_char(day, 'YYYY-MM-DD') AS day FROM analytics_dau_pending GROUP BY day`;

const DEADLOCK = '40P01';

/** Drops partitions of all nodes from the coordinator. Marks are on the workers, so they are read by themselves. */
@Injectable()
export class CitusEventRetention extends PostgresEventRetention {
  override async listDays(data: RetainedData, before: DateKey): Promise<DayPartition[]> {
    const rows = await this.prisma.longStatementForJob<ListedRow>(LIST_SQL, RETAINED_TABLES[data], before);
    const marks = await this.prisma.longStatementForJob<{ day: DateKey }>(MARKED_DAYS_SQL);
    const marked = new Set(marks.map(({ day }) => day));
    return rows.map((row) => toDayPartition(row, marked.has(row.day)));
  }

  /** The cluster cancels a transaction of a distributed deadlock, which the function cannot catch. */
  override async drop(data: RetainedData, day: DateKey, figuresVersion: number | null): Promise<DropOutcome> {
    try {
      const [row] = await this.prisma.longStatementForJob<DropRow>(
        DROP_SQL,
        ...dropParameters(data, day, figuresVersion),
      );
      return row?.outcome ?? 'absent';
    } catch (error) {
      if (sqlStateOf((error as Error).cause) === DEADLOCK) return 'busy';
      throw error;
    }
  }
}
