import { Injectable } from '@nestjs/common';
import type {
  DayPartition,
  DropOutcome,
  IEventRetention,
  RetainedData,
} from '../../../application/ports/event-retention.port.js';
import { dayRange, type DateKey } from '../../../shared/utils/timezone.util.js';
import { PrismaService } from '../prisma/prisma.service.js';
import { RETAINED_TABLES } from './dropped-days.js';

/** Finds partitions by their names, as the function that creates them gives them: one that was renamed stays. */
const LIST_SQL = `
SELECT partition.day, coalesce(pg_total_relation_size(partition.oid), 0)::float8 AS bytes, stored.version,
       (extract(epoch FROM stored.calculated_at) * 1000)::float8 AS "calculatedMs",
       EXISTS (SELECT FROM analytics_dau_pending marks WHERE to_char(marks.day, 'YYYY-MM-DD') = partition.day) AS "isMarked"
FROM (
  SELECT c.oid, regexp_replace(right(c.relname, 8), '(....)(..)(..)', '\\1-\\2-\\3') AS day
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = to_regclass($1) AND c.relname ~ ('^' || $1 || '_p[0-9]{8}$')
) partition
LEFT JOIN analytics_daily_active_users stored ON to_char(stored.day, 'YYYY-MM-DD') = partition.day
WHERE partition.day < $2 ORDER BY partition.day
`;

const COUNT_EVENTS_SQL = `
SELECT count(*)::float8 AS "rows" FROM analytics_event_log WHERE event_time >= $1::timestamptz AND event_time < $2::timestamptz
`;
const COUNT_ACTIVES_SQL = `SELECT count(*)::float8 AS "rows" FROM analytics_daily_actives WHERE day = $1::date`;

const DROP_SQL = "SELECT outcome FROM analytics_drop_day($1, $2::date, nullif($3, '')::int)";

export interface ListedRow {
  readonly day: string;
  readonly bytes: number;
  readonly version: number | null;
  readonly calculatedMs: number | null;
}

export interface DropRow {
  readonly outcome: DropOutcome;
}

interface Counted {
  readonly rows: number;
}

/** Drops partitions through a function with the owner's rights, which checks the day once more under its locks. */
@Injectable()
export class PostgresEventRetention implements IEventRetention {
  constructor(protected readonly prisma: PrismaService) {}

  async listDays(data: RetainedData, before: DateKey): Promise<DayPartition[]> {
    const rows = await this.prisma.longStatementForJob<ListedRow & { readonly isMarked: boolean }>(
      LIST_SQL,
      RETAINED_TABLES[data],
      before,
    );
    return rows.map((row) => toDayPartition(row, row.isMarked));
  }

  async countRows(data: RetainedData, day: DateKey): Promise<number> {
    const { start, end } = dayRange(day);
    const [row] =
      data === 'events'
        ? await this.prisma.longStatementForJob<Counted>(
            COUNT_EVENTS_SQL,
            start.toISOString(),
            end.toISOString(),
          )
        : await this.prisma.longStatementForJob<Counted>(COUNT_ACTIVES_SQL, day);
    return row?.rows ?? 0;
  }

  /** Removing the files of a large partition may take seconds, after its locks are free. */
  async drop(data: RetainedData, day: DateKey, figuresVersion: number | null): Promise<DropOutcome> {
    const [row] = await this.prisma.longStatementForJob<DropRow>(
      DROP_SQL,
      ...dropParameters(data, day, figuresVersion),
    );
    return row?.outcome ?? 'absent';
  }
}

/** Returns the parameters of the functions that drop a day: its data, the day, and the version of its figures or ''. */
export function dropParameters(
  data: RetainedData,
  day: DateKey,
  figuresVersion: number | null,
): [string, string, string] {
  return [data, day, figuresVersion === null ? '' : String(figuresVersion)];
}

export function toDayPartition(
  { day, bytes, version, calculatedMs }: ListedRow,
  isMarked: boolean,
): DayPartition {
  const figures =
    version === null || calculatedMs === null ? null : { version, calculatedAt: new Date(calculatedMs) };
  return { day, bytes, figures, isMarked };
}
