import { Injectable } from '@nestjs/common';
import type { OnlineSnapshot } from '../../../domain/entities/online-snapshot.entity.js';
import type { IOnlineSnapshotRepository } from '../../../domain/repositories/online-snapshot.repository.interface.js';
import type { HistoryInterval } from '../../../shared/rules/history-interval.rule.js';
import type { DailyOnline, OnlinePeak } from '../../../domain/value-objects/daily-online.vo.js';
import type { OnlineHistory } from '../../../domain/value-objects/online-history.vo.js';
import {
  dayRange,
  DEFAULT_TIMEZONE,
  type DateKey,
  type TimeRange,
} from '../../../shared/utils/timezone.util.js';
import { toInstant } from '../mappers/instant.js';
import { PrismaService } from '../prisma/prisma.service.js';

const BUCKET_SECONDS: Readonly<Record<HistoryInterval, number>> = { '1m': 60, '5m': 300, '1h': 3600 };

const INSERT_SQL = `
INSERT INTO analytics_online_snapshots (ts, online_count, window_seconds) VALUES ($1::timestamptz, $2::int, $3::int)
ON CONFLICT DO NOTHING
`;

/** Starts buckets at whole intervals of UTC, which are whole intervals of Asia/Shanghai as well. */
const HISTORY_SQL = `
SELECT (extract(epoch FROM date_bin(make_interval(secs => $3::int), ts, timestamptz '2000-01-01 00:00:00+00')) * 1000)::bigint
         AS start_ms,
       min(online_count)::int AS min, round(avg(online_count), 2)::float8 AS avg, max(online_count)::int AS max,
       count(*)::int AS samples,
       (extract(epoch FROM (array_agg(ts ORDER BY online_count DESC, ts))[1]) * 1000)::bigint AS peak_ms
FROM analytics_online_snapshots
WHERE ts >= $1::timestamptz AND ts < $2::timestamptz
GROUP BY 1 ORDER BY 1
`;

/**
 * Reads day by day through the index, because grouping a year at once may sort half a million rows on disk. Looks for
 * the minute of each peak afterwards. A day without snapshots has a row once the first one was taken.
 */
const DAILY_SQL = `
SELECT to_char(days.day, 'YYYY-MM-DD') AS day, daily.peak, daily.average, daily.samples, daily.samples_of_past,
       (extract(epoch FROM first.ts) * 1000)::bigint AS peak_ms
FROM (
  SELECT day::date AS day, day AT TIME ZONE '${DEFAULT_TIMEZONE}' AS start,
         (day + interval '1 day') AT TIME ZONE '${DEFAULT_TIMEZONE}' AS finish
  FROM generate_series($1::date::timestamp, $2::date::timestamp, interval '1 day') AS day
) days
CROSS JOIN LATERAL (
  SELECT max(online_count)::int AS peak, round(avg(online_count), 2)::float8 AS average, count(*)::int AS samples,
         (count(*) FILTER (WHERE ts < $3::timestamptz))::int AS samples_of_past
  FROM analytics_online_snapshots WHERE ts >= days.start AND ts < days.finish
) daily
LEFT JOIN LATERAL (
  SELECT ts FROM analytics_online_snapshots
  WHERE ts >= days.start AND ts < days.finish AND online_count = daily.peak ORDER BY ts LIMIT 1
) first ON true
WHERE daily.samples > 0
   OR (days.start < $3::timestamptz AND days.finish > (SELECT min(ts) FROM analytics_online_snapshots))
ORDER BY days.day
`;

const LAST_INSTANT_SQL = `
SELECT (extract(epoch FROM max(ts)) * 1000)::bigint::text AS last_ms FROM analytics_online_snapshots
WHERE ts >= $1::timestamptz AND ts < $2::timestamptz
`;

const RECORD_SQL = `
SELECT (extract(epoch FROM ts) * 1000)::bigint AS peak_ms, online_count::int AS peak
FROM analytics_online_snapshots ORDER BY online_count DESC, ts LIMIT 1
`;

interface PeakRow {
  readonly peak: number;
  readonly peak_ms: string;
}

interface DailyRow {
  readonly day: DateKey;
  /** Null, as the minute of the peak and the average, on a day without a snapshot. */
  readonly peak: number | null;
  readonly peak_ms: string | null;
  readonly average: number | null;
  readonly samples: number;
  readonly samples_of_past: number;
}

interface BucketRow {
  readonly start_ms: bigint;
  readonly min: number;
  readonly avg: number;
  readonly max: number;
  readonly samples: number;
  readonly peak_ms: bigint;
}

@Injectable()
export class OnlineSnapshotRepositoryImpl implements IOnlineSnapshotRepository {
  constructor(private readonly prisma: PrismaService) {}

  async insert({ ts, onlineCount, windowSeconds }: OnlineSnapshot): Promise<boolean> {
    const count = await this.prisma.forJob((prisma) =>
      prisma.$executeRawUnsafe(INSERT_SQL, ts.toISOString(), onlineCount, windowSeconds),
    );
    return count === 1;
  }

  async findHistory({ start, end }: TimeRange, interval: HistoryInterval): Promise<OnlineHistory> {
    const rows = await this.prisma.forRequest((prisma) =>
      prisma.$queryRawUnsafe<BucketRow[]>(
        HISTORY_SQL,
        start.toISOString(),
        end.toISOString(),
        BUCKET_SECONDS[interval],
      ),
    );
    let peak: BucketRow | undefined;
    for (const row of rows) if (peak === undefined || row.max > peak.max) peak = row;
    return {
      buckets: rows.map(({ start_ms, min, avg, max, samples }) => ({
        start: toInstant(start_ms),
        ...{ min, avg, max, samples },
      })),
      peak: peak === undefined ? null : { ts: toInstant(peak.peak_ms), onlineCount: peak.max },
    };
  }

  async findDaily(first: DateKey, last: DateKey, minute: Date): Promise<DailyOnline[]> {
    const rows = await this.prisma.statementForRequest<DailyRow>(
      DAILY_SQL,
      first,
      last,
      minute.toISOString(),
    );
    return rows.map((row) => ({
      day: row.day,
      peak: toPeak(row),
      average: row.average,
      samples: row.samples,
      samplesOfPast: row.samples_of_past,
    }));
  }

  async findLastInstant(first: DateKey, last: DateKey): Promise<Date | null> {
    const [row] = await this.prisma.statementForRequest<{ last_ms: string | null }>(
      LAST_INSTANT_SQL,
      dayRange(first).start.toISOString(),
      dayRange(last).end.toISOString(),
    );
    const lastMs = row?.last_ms ?? null;
    return lastMs === null ? null : toInstant(lastMs);
  }

  async findRecord(): Promise<OnlinePeak | null> {
    const [row] = await this.prisma.statementForRequest<PeakRow>(RECORD_SQL);
    return row === undefined ? null : toPeak(row);
  }
}

function toPeak({ peak, peak_ms }: PeakRow | DailyRow): OnlinePeak | null {
  return peak === null || peak_ms === null ? null : { ts: toInstant(peak_ms), onlineCount: peak };
}
