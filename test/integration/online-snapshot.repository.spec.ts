import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { OnlineSnapshot } from '../../src/domain/entities/online-snapshot.entity.js';
import { describeOnlineSnapshotRepository } from '../support/contracts/online-snapshot-repository/contract.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { openReplica, type Replica } from '../support/persistence.js';
import { openSql, type Sql } from '../support/sql.js';

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

describeOnlineSnapshotRepository('PostgreSQL', async () => ({
  open: () => [replica.snapshots, other.snapshots],
  release: async () => {},
  close: async () => {},
}));

describe('the snapshot of a minute', () => {
  it('is stored at the full minute', async () => {
    expect(await replica.snapshots.insert(snapshot('10:05:42.123', 17))).toBe(true);
    expect(
      await owner.rows('SELECT ts, online_count, window_seconds FROM analytics_online_snapshots'),
    ).toEqual([{ ts: at('10:05:00.000'), online_count: 17, window_seconds: 180 }]);
  });

  it('keeps its count when a later snapshot of the minute arrives', async () => {
    expect(await replica.snapshots.insert(snapshot('10:05:00.000', 17))).toBe(true);
    expect(await other.snapshots.insert(snapshot('10:05:00.350', 18))).toBe(false);
    expect(await replica.snapshots.insert(snapshot('10:04:59.700', 19))).toBe(false);
    expect(await owner.rows('SELECT online_count FROM analytics_online_snapshots')).toEqual([
      { online_count: 17 },
    ]);
  });

  it('is stored once when several replicas take it at the same moment', async () => {
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

describe('the history of a week', () => {
  it('is returned minute by minute within a request', async () => {
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
