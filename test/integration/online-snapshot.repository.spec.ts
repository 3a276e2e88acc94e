import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { OnlineSnapshot } from '../../src/domain/entities/online-snapshot.entity.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { openReplica, openSql, type Replica, type Sql } from './support/persistence.js';

let database: TestDatabase;
let owner: Sql;
let replica: Replica;
let other: Replica;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await openSql(database.ownerUrl);
  replica = openReplica(database.serviceUrl);
  other = openReplica(database.serviceUrl);
});

afterEach(() => owner.rows('TRUNCATE analytics_online_snapshots'));

afterAll(async () => {
  await Promise.all([replica.close(), other.close(), owner.close()]);
  await database.drop();
});

const DAY = '2025-06-15T';
const at = (time: string) => new Date(`${DAY}${time}Z`);
const snapshot = (time: string, onlineCount: number) =>
  OnlineSnapshot.create({ takenAt: at(time), onlineCount, windowSeconds: 180 });

async function taken(counts: Record<string, number>): Promise<void> {
  for (const [time, onlineCount] of Object.entries(counts))
    await replica.snapshots.insert(snapshot(time, onlineCount));
}

const history = (from: string, to: string, interval: '1m' | '5m' | '1h') =>
  replica.snapshots.findHistory({ start: at(from), end: at(to) }, interval);

describe('the snapshot of a minute', () => {
  it('is stored at the full minute', async () => {
    expect(await replica.snapshots.insert(snapshot('10:05:42.123', 17))).toBe(true);
    expect(
      await owner.rows('SELECT ts, online_count, window_seconds FROM analytics_online_snapshots'),
    ).toEqual([{ ts: at('10:05:00.000'), online_count: 17, window_seconds: 180 }]);
  });

  it('stays as it is when another comes', async () => {
    expect(await replica.snapshots.insert(snapshot('10:05:00.000', 17))).toBe(true);
    expect(await other.snapshots.insert(snapshot('10:05:00.350', 18))).toBe(false);
    expect(await replica.snapshots.insert(snapshot('10:04:59.700', 19))).toBe(false);
    expect(await owner.rows('SELECT online_count FROM analytics_online_snapshots')).toEqual([
      { online_count: 17 },
    ]);
  });

  it('is one whoever wins, when all replicas take it at once', async () => {
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        [replica, other][i % 2]!.snapshots.insert(snapshot(`10:05:00.${100 + i}`, i)),
      ),
    );
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(await owner.rows('SELECT online_count FROM analytics_online_snapshots')).toEqual([
      { online_count: results.indexOf(true) },
    ]);
  });
});

describe('the history of who was online', () => {
  it('is empty, without a peak, when there was no snapshot', async () => {
    await taken({ '11:00:00': 5 });
    expect(await history('10:00:00', '11:00:00', '1m')).toEqual({ buckets: [], peak: null });
  });

  it('has a point for each snapshot at 1m, and none for a minute that was missed', async () => {
    await taken({ '10:00:00': 3, '10:01:00': 0, '10:03:00': 7 });
    const point = (time: string, n: number) => ({ start: at(time), min: n, avg: n, max: n, samples: 1 });
    expect(await history('10:00:00', '10:10:00', '1m')).toEqual({
      buckets: [point('10:00:00', 3), point('10:01:00', 0), point('10:03:00', 7)],
      peak: { ts: at('10:03:00'), onlineCount: 7 },
    });
  });

  it('sums five minutes up, gaps left out', async () => {
    await taken({ '10:00:00': 1, '10:01:00': 2, '10:04:00': 4, '10:05:00': 9, '10:17:00': 6, '10:19:00': 3 });
    expect(await history('10:00:00', '10:20:00', '5m')).toEqual({
      buckets: [
        { start: at('10:00:00'), min: 1, avg: 2.33, max: 4, samples: 3 },
        { start: at('10:05:00'), min: 9, avg: 9, max: 9, samples: 1 },
        { start: at('10:15:00'), min: 3, avg: 4.5, max: 6, samples: 2 },
      ],
      peak: { ts: at('10:05:00'), onlineCount: 9 },
    });
  });

  it('sums whole hours up, which are whole hours in Shanghai too', async () => {
    await taken({ '15:59:00': 10, '16:00:00': 20, '16:30:00': 40, '17:00:00': 5 });
    expect(await history('15:00:00', '18:00:00', '1h')).toEqual({
      buckets: [
        { start: at('15:00:00'), min: 10, avg: 10, max: 10, samples: 1 },
        { start: at('16:00:00'), min: 20, avg: 30, max: 40, samples: 2 },
        { start: at('17:00:00'), min: 5, avg: 5, max: 5, samples: 1 },
      ],
      peak: { ts: at('16:30:00'), onlineCount: 40 },
    });
  });

  it('begins with its first instant and ends before its last', async () => {
    await taken({ '09:59:00': 100, '10:00:00': 1, '10:59:00': 2, '11:00:00': 100 });
    for (const interval of ['1m', '5m', '1h'] as const) {
      const { buckets, peak } = await history('10:00:00', '11:00:00', interval);
      expect(buckets.reduce((sum, { samples }) => sum + samples, 0)).toBe(2);
      expect(peak).toEqual({ ts: at('10:59:00'), onlineCount: 2 });
    }
    // Within a bucket too: only what is in the range is summed up.
    expect((await history('10:00:00.001', '11:00:00.001', '1h')).buckets).toEqual([
      { start: at('10:00:00'), min: 2, avg: 2, max: 2, samples: 1 },
      { start: at('11:00:00'), min: 100, avg: 100, max: 100, samples: 1 },
    ]);
  });

  it('names the first minute with the highest count as the peak', async () => {
    await taken({ '10:02:00': 8, '10:03:00': 9, '10:04:00': 9, '10:31:00': 9, '11:00:00': 9 });
    for (const interval of ['1m', '5m', '1h'] as const) {
      const { peak } = await history('10:00:00', '12:00:00', interval);
      expect(peak).toEqual({ ts: at('10:03:00'), onlineCount: 9 });
    }
  });

  it('takes a week of minutes within a request', async () => {
    await owner.rows(
      `INSERT INTO analytics_online_snapshots (ts, online_count)
       SELECT t, extract(minute FROM t) FROM generate_series($1::timestamptz, $2::timestamptz, interval '1 minute') t`,
      ['2025-06-01T00:00:00Z', '2025-06-07T23:59:00Z'],
    );
    const range = { start: new Date('2025-06-01T00:00:00Z'), end: new Date('2025-06-08T00:00:00Z') };
    expect((await replica.snapshots.findHistory(range, '1m')).buckets).toHaveLength(7 * 1440);
    const { buckets } = await replica.snapshots.findHistory(range, '1h');
    expect(buckets).toHaveLength(7 * 24);
    expect(buckets.every((b) => b.samples === 60 && b.min === 0 && b.max === 59 && b.avg === 29.5)).toBe(
      true,
    );
  });
});
