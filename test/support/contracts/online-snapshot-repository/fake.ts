import type { OnlineSnapshot } from '../../../../src/domain/entities/online-snapshot.entity.js';
import type { IOnlineSnapshotRepository } from '../../../../src/domain/repositories/online-snapshot.repository.interface.js';
import type { OnlineBucket, OnlineHistory } from '../../../../src/domain/value-objects/online-history.vo.js';
import type { HistoryInterval } from '../../../../src/shared/rules/history-interval.rule.js';
import type { TimeRange } from '../../../../src/shared/utils/timezone.util.js';
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
    const highest = Math.max(...inRange.map(({ onlineCount }) => onlineCount));
    const peak = inRange.find(({ onlineCount }) => onlineCount === highest);
    return {
      buckets: [...buckets].map(([bucket, snapshots]) =>
        summarize(new Date(bucket * BUCKET_MS[interval]), snapshots),
      ),
      peak: peak === undefined ? null : { ts: peak.ts, onlineCount: peak.onlineCount },
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
