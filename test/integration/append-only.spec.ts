import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { createPlainDatabase, createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventAtNoon } from '../support/builders.js';
import { rejectionOf } from '../support/failures.js';
import { openReplica } from '../support/persistence.js';
import { openSql, type Sql } from '../support/sql.js';

const PARENT = 'analytics_event_log';
const PARTITION = 'analytics_event_log_p20250615';
const DENIED = '42501';

// Citus takes no triggers on distributed tables; privileges are the same there.
let plain: TestDatabase;
let database: TestDatabase;
let owner: Sql;
let service: Sql;
let serviceOfAny: Sql;

beforeAll(async () => {
  [plain, database] = await Promise.all([createPlainDatabase(), createTestDatabase()]);
  [owner, service, serviceOfAny] = (await Promise.all(
    [plain.ownerUrl, plain.serviceUrl, database.serviceUrl].map((url) => openSql(url)),
  )) as [Sql, Sql, Sql];
  const replica = openReplica(plain.serviceUrl);
  await replica.eventLog.batchInsert([
    eventAtNoon({ userId: '1' }),
    eventAtNoon({ userId: '2', at: '2025-06-14T04:00:00Z', clientTime: '2025-06-13T04:00:00Z' }),
  ]);
  await replica.close();
});

afterAll(async () => {
  await Promise.all([owner, service, serviceOfAny].map((sql) => sql.close()));
  await Promise.all([plain.drop(), database.drop()]);
});

const count = (sql: Sql) => sql.value(`SELECT count(*)::int FROM ${PARENT}`);

describe('the event log', () => {
  const changes = [PARENT, PARTITION].flatMap((table) => [
    `UPDATE ${table} SET event_name = 'other'`,
    `DELETE FROM ${table}`,
    `TRUNCATE ${table}`,
  ]);

  it.each(changes)('rejects the service’s %s', async (statement) => {
    expect(await rejectionOf(service.rows(statement))).toMatchObject({
      code: DENIED,
      message: expect.stringContaining('permission denied'),
    });
    expect(await count(owner)).toBe(2);
  });

  it.each(changes)('rejects the owner’s %s', async (statement) => {
    expect(await rejectionOf(owner.rows(statement))).toMatchObject({
      code: DENIED,
      message: expect.stringContaining('append-only'),
    });
    expect(await count(owner)).toBe(2);
  });

  it('rejects an upsert and a merge that change a row', async () => {
    const [event] = await owner.rows(`SELECT * FROM ${PARENT} WHERE user_id = 1`);
    const { event_id, event_time } = event!;
    const upsert = `INSERT INTO ${PARENT} (event_id, event_time, install_id, event_name) VALUES ($1, $2, 'x', 'other')
      ON CONFLICT (event_time, event_id) DO UPDATE SET event_name = 'other'`;
    const merge = `MERGE INTO ${PARENT} l USING (VALUES ($1::uuid, $2::timestamptz)) AS v (id, at)
      ON l.event_id = v.id AND l.event_time = v.at WHEN MATCHED THEN DELETE`;
    for (const statement of [upsert, merge]) {
      for (const sql of [service, owner]) {
        expect(await rejectionOf(sql.rows(statement, [event_id, event_time]))).toMatchObject({
          code: DENIED,
        });
      }
    }
    expect(await owner.rows(`SELECT * FROM ${PARENT} WHERE user_id = 1`)).toEqual([event]);
  });

  it('protects partitions that are created later', async () => {
    const replica = openReplica(plain.serviceUrl);
    await replica.eventLog.batchInsert([eventAtNoon({ at: '2026-01-01T04:00:00Z' })]);
    await replica.close();
    for (const statement of ['DELETE FROM', 'TRUNCATE']) {
      expect(await rejectionOf(owner.rows(`${statement} analytics_event_log_p20260101`))).toMatchObject({
        message: expect.stringContaining('append-only'),
      });
    }
  });

  it('loses a whole partition to retention and keeps the others', async () => {
    await owner.rows('DROP TABLE analytics_event_log_p20260101');
    await owner.rows(`DROP TABLE ${PARTITION}`);
    expect(await owner.rows(`SELECT user_id FROM ${PARENT}`)).toEqual([{ user_id: '2' }]);
  });
});

describe('the database role of the service', () => {
  it.each([
    "UPDATE analytics_daily_actives SET identity = 'u:3'",
    'DELETE FROM analytics_daily_actives',
    'TRUNCATE analytics_daily_actives',
    'UPDATE analytics_event_corrections SET event_time = now()',
    'UPDATE analytics_online_snapshots SET online_count = 0',
    'DELETE FROM analytics_online_snapshots',
    'DELETE FROM analytics_daily_active_users',
    'UPDATE analytics_dau_pending SET day = now()',
    'TRUNCATE analytics_outbox',
    'SELECT * FROM analytics_migrations',
    'DROP TABLE analytics_event_log',
    'ALTER TABLE analytics_event_log DISABLE TRIGGER ALL',
    'CREATE TABLE of_its_own (x int)',
    'CREATE OR REPLACE FUNCTION analytics_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$',
  ])('is denied %s', async (statement) => {
    expect(await rejectionOf(serviceOfAny.rows(statement))).toMatchObject({ code: DENIED });
  });

  it('creates partitions through its one function, for at most 401 days', async () => {
    expect(await serviceOfAny.value("SELECT analytics_ensure_partitions('2025-07-01', '2025-07-02')")).toBe(
      4,
    );
    expect(await serviceOfAny.value("SELECT analytics_ensure_partitions('2025-07-01', '2025-07-02')")).toBe(
      0,
    );
    for (const [first, last] of [
      ['2025-01-01', '2026-02-06'],
      ['2025-01-02', '2025-01-01'],
    ]) {
      await expect(
        serviceOfAny.rows('SELECT analytics_ensure_partitions($1, $2)', [first, last]),
      ).rejects.toThrow('1 to 401 days');
    }
  });
});
