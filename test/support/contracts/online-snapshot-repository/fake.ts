import type { OnlineSnapshot } from '../../../../src/domain/entities/online-snapshot.entity.js';
import type { IOnlineSnapshotRepository } from '../../../../src/domain/repositories/online-snapshot.repository.interface.js';
import type { DailyOnline, OnlinePeak } from '../../../../src/domain/value-objects/daily-online.vo.js';
import type { OnlineBucket, OnlineHistory } from '../../../../src/domain/value-objects/online-history.vo.js';
import type { HistoryInterval } from '../../../../src/shared/rules/history-interval.rule.js';
import {
  dayRange,
  listDays,
  type DateKey,
  type TimeRange,
} from '../../../../src/shared/utils/timezone.util.js';
import { HOUR_MS, MINUTE_MS } from '../../builders.js';

const BUCKET_MS: Readonly<Record<HistoryInterval, number>> = {
  '1m': MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '1h': HOUR_MS,
};

/** Keeps snapshots and records which histories were asked for. */
export class InMemoryOnlineSnapshots implements IOnlineSnapshotRepository {
  readonly snapshots: OnlineSnapshot[] = [];
  readonly asked: { readonly range: TimeRange; readonly interval: HistoryInterval }[] = [];

  async insert(snapshot: OnlineSnapshot): Promise<boolean> {
    if (this.snapshots.some(({ ts }) => ts.getTime() === snapshot.ts.getTime())) return false;
    this.snapshots.push(snapshot);
    return true;
  }

  async findDaily(first: DateKey, last: DateKey, minute: Date): Promise<DailyOnline[]> {
    const firstMs = Math.min(...this.snapshots.map(({ ts }) => ts.getTime()));
    return listDays(first, last).flatMap((day) => {
      const { start, end } = dayRange(day);
      const taken = this.snapshots.filter(({ ts }) => start <= ts && ts < end);
      if (taken.length === 0 && (start >= minute || end.getTime() <= firstMs)) return [];
      return {
        day,
        peak: highest(taken),
        average: taken.length === 0 ? null : summarize(start, taken).avg,
        samples: taken.length,
        samplesOfPast: taken.filter(({ ts }) => ts < minute).length,
      };
    });
  }

  async findLastInstant(first: DateKey, last: DateKey): Promise<Date | null> {
    const { start } = dayRange(first);
    const { end } = dayRange(last);
    const times = this.snapshots.filter(({ ts }) => start <= ts && ts < end).map(({ ts }) => ts.getTime());
    return times.length === 0 ? null : new Date(Math.max(...times));
  }

  async findRecord(): Promise<OnlinePeak | null> {
    return highest(this.snapshots);
  }

  async findHistory(range: TimeRange, interval: HistoryInterval): Promise<OnlineHistory> {
    this.asked.push({ range, interval });
    const inRange = this.snapshots
      .filter(({ ts }) => range.start <= ts && ts < range.end)
      .sort((a, b) => a.ts.getTime() - b.ts.getTime());
    const buckets = new Map<number, OnlineSnapshot[]>();
    for (const snapshot of inRange) {
      const bucket = Math.floor(snapshot.ts.getTime() / BUCKET_MS[interval]);
      buckets.set(bucket, [...(buckets.get(bucket) ?? []), snapshot]);
    }
    return {
      buckets: [...buckets].map(([bucket, snapshots]) =>
        summarize(new Date(bucket * BUCKET_MS[interval]), snapshots),
      ),
      peak: highest(inRange),
    };
  }
}

function summarize(start: Date, snapshots: readonly OnlineSnapshot[]): OnlineBucket {
  const counts = snapshots.map(({ onlineCount }) => onlineCount);
  const average = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return {
    start,
    min: Math.min(...counts),
    avg: Math.round(average * 100) / 100,
    max: Math.max(...counts),
    samples: counts.length,
  };
}

function highest(snapshots: readonly OnlineSnapshot[]): OnlinePeak | null {
  const [first] = [...snapshots].sort(
    (a, b) => b.onlineCount - a.onlineCount || a.ts.getTime() - b.ts.getTime(),
  );
  return first === undefined ? null : { ts: first.ts, onlineCount: first.onlineCount };
}
