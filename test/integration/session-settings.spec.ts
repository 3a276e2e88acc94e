import { randomUUID } from 'node:crypto';

import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { OnlineSnapshot } from '../../src/domain/entities/online-snapshot.entity.js';
import { OutboxRelay } from '../../src/infrastructure/outbox/outbox-relay.service.js';
import { runMigrations } from '../../src/infrastructure/persistence/migrations.js';
import { eventAtNoon, NOON } from '../support/builders.js';
import { describeDailyActiveStatsRepository } from '../support/contracts/daily-active-stats-repository/contract.js';
import { describeEventLogRepository } from '../support/contracts/event-log-repository/contract.js';
import { RecordingTransport } from '../support/contracts/event-transport/fake.js';
import { describeJobLock } from '../support/contracts/job-lock/contract.js';
import { describeOnlineSnapshotRepository } from '../support/contracts/online-snapshot-repository/contract.js';
import {
  createEmptyDatabase,
  createPlainDatabase,
  createTestDatabase,
  type TestDatabase,
} from '../support/database.js';
import { HOSTILE_SETTINGS, makeHostile } from '../support/hostile-sessions.js';
import { emptyOutbox, openReplica, type Replica } from '../support/persistence.js';
import { startPgBouncer, type PgBouncer } from '../support/pgbouncer.js';
import { seedClaim } from '../support/seed.js';
import { openSql, type Sql } from '../support/sql.js';
import { PARTITION_SQL } from '../support/stored-events.js';

Logger.overrideLogger(false);

const AMBIENTS = Object.entries(HOSTILE_SETTINGS).flatMap(([ambient, settings]) =>
  [false, true].map((isPooled) => ({ ambient, settings, isPooled })),
);

describe.each(AMBIENTS)('a database $ambient (pooled: $isPooled)', ({ settings, isPooled }) => {
  let database: TestDatabase;
  let owner: Sql;
  let pooler: PgBouncer | undefined;
  let replica: Replica;
  let other: Replica;

  beforeAll(async () => {
    database = await createTestDatabase();
    owner = await openSql(database.ownerUrl);
    await makeHostile(database, settings);
    if (isPooled) pooler = await startPgBouncer([database.serviceUrl]);
    const url =
      pooler === undefined ? database.serviceUrl : `${pooler.through(database.serviceUrl)}?pgbouncer=true`;
    [replica, other] = [openReplica(url), openReplica(url)];
  });

  afterEach(async () => {
    for (const table of ['analytics_online_snapshots', 'analytics_daily_active_users'])
      await owner.rows(`TRUNCATE ${table}`);
    await emptyOutbox(owner);
  });

  afterAll(async () => {
    await Promise.all([replica.close(), other.close(), owner.close()]);
    await pooler?.stop();
    await database.drop();
  });

  const unchanged = { release: async () => {}, close: async () => {} };
  describeOnlineSnapshotRepository('PostgreSQL', async () => ({
    open: () => [replica.snapshots, other.snapshots],
    ...unchanged,
  }));
  describeDailyActiveStatsRepository('PostgreSQL', async () => ({
    open: () => [replica.stats, other.stats],
    ...unchanged,
  }));
  describeEventLogRepository('PostgreSQL', async () => ({ open: () => replica, ...unchanged }));
  describeJobLock('PostgreSQL', async () => ({ open: () => [replica.lock, other.lock], ...unchanged }));

  it('stores instants as they are', async () => {
    const at = new Date('2025-06-15T10:05:00.000Z');
    await replica.snapshots.insert(
      OnlineSnapshot.create({ takenAt: at, onlineCount: 1, windowSeconds: 180 }),
    );
    const event = eventAtNoon({ at: '2025-06-15T16:00:00.123Z' });
    await replica.eventLog.batchInsert([event]);
    expect(await owner.rows('SELECT ts FROM analytics_online_snapshots')).toEqual([{ ts: at }]);
    expect(
      await owner.rows(
        `SELECT event_time, ${PARTITION_SQL} AS partition FROM analytics_event_log WHERE event_id = $1`,
        [event.eventId.value],
      ),
    ).toEqual([{ event_time: event.eventTime, partition: 'analytics_event_log_p20250616' }]);
  });

  it('publishes what waits, and tells when', async () => {
    const event = eventAtNoon({ userId: '1' });
    await replica.eventLog.batchInsert([event]);
    const transport = new RecordingTransport();
    const relay = new OutboxRelay(replica.outbox, transport);
    expect(await relay.processAll()).toBe(1);
    expect(transport.sent.map(({ occurredAt }) => occurredAt)).toEqual([new Date(NOON)]);
    const published = (await replica.outbox.readStatus(null)).flatMap(({ publishedAt }) => publishedAt ?? []);
    const real = await owner.value('SELECT max(published_at) FROM analytics_outbox_lanes');
    expect(published).toEqual([real]);
    await relay.beforeApplicationShutdown();
  });

  it('lets long statements take their time', async () => {
    expect(await replica.prisma.longStatementForJob('SELECT pg_sleep(0.5)::text AS slept')).toEqual([
      { slept: '' },
    ]);
  });

  it('finds days that are due, and corrections that are old', async () => {
    await replica.eventLog.batchInsert([eventAtNoon({ at: '2025-03-01T04:00:00Z' })]);
    expect(await replica.actives.findDueDays('2025-03-02', new Date('2025-03-01T17:00:00Z'), 10)).toContain(
      '2025-03-01',
    );
    for (const created_at of ['2025-03-01T00:00:00Z', '2025-03-01T00:00:01Z']) {
      const now = new Date();
      await seedClaim(
        owner,
        { event_id: randomUUID(), client_time: now, event_time: now, created_at },
        'u:1',
      );
    }
    expect(await replica.eventLog.removeCorrections(new Date('2025-03-01T00:00:01Z'))).toBe(1);
  });
});

describe('the migrations', () => {
  it.each(Object.entries(HOSTILE_SETTINGS))('make the same schema %s', async (_, settings) => {
    const database = await createEmptyDatabase();
    const sql = await openSql(database.ownerUrl);
    await sql.rows('CREATE SCHEMA hostile');
    for (const [name, value] of Object.entries(settings))
      await sql.rows(
        `ALTER DATABASE ${database.name} SET ${name} = ${name === 'DateStyle' ? value : `'${value}'`}`,
      );
    expect(await runMigrations({ databaseUrl: database.ownerUrl })).not.toEqual([]);
    expect(
      await sql.rows("SELECT relname FROM pg_class WHERE relnamespace = 'hostile'::regnamespace"),
    ).toEqual([]);
    await sql.close();
    await database.drop();
  });

  it('make a function whose partitions begin at midnight in Shanghai, whatever session calls it', async () => {
    const database = await createPlainDatabase();
    const sql = await openSql(database.ownerUrl);
    await sql.rows("SET TimeZone = 'Asia/Shanghai'");
    await sql.rows('SET DateStyle = German');
    await sql.rows("SELECT analytics_ensure_partitions('2025-01-15', '2025-01-15')");
    await sql.rows("SET TimeZone = 'UTC'");
    await sql.rows('SET DateStyle = ISO');
    expect(
      await sql.value(
        "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'analytics_event_log_p20250115'",
      ),
    ).toBe("FOR VALUES FROM ('2025-01-14 16:00:00+00') TO ('2025-01-15 16:00:00+00')");
    await sql.close();
    await database.drop();
  });
});
