import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventAtNoon } from '../support/builders.js';
import { rejectionOf } from '../support/failures.js';
import { openReplica } from '../support/persistence.js';
import { openSql, type Sql } from '../support/sql.js';

const PARENT = 'analytics_event_log';
const PARTITION = 'analytics_event_log_p20250615';
const DENIED = '42501';

let database: TestDatabase;
let owner: Sql;
let service: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  [owner, service] = await Promise.all([openSql(database.ownerUrl), openSql(database.serviceUrl)]);
  const replica = openReplica(database.serviceUrl);
  await replica.eventLog.batchInsert([
    eventAtNoon({ userId: '1' }),
    eventAtNoon({ userId: '2', at: '2025-06-14T04:00:00Z', clientTime: '2025-06-13T04:00:00Z' }),
  ]);
  await replica.close();
});

afterAll(async () => {
  await Promise.all([owner.close(), service.close()]);
  await database.drop();
});

const count = (sql: Sql) => sql.value(`SELECT count(*)::int FROM ${PARENT}`);

describe('the event log', () => {
  const changes = [PARENT, PARTITION].flatMap((table) => [
    `UPDATE ${table} SET event_name = 'other'`,
    `DELETE FROM ${table}`,
    `TRUNCATE ${table}`,
  ]);

  it.each(changes)('is not the service’s to change: %s', async (statement) => {
    expect(await rejectionOf(service.rows(statement))).toMatchObject({
      code: DENIED,
      message: expect.stringContaining('permission denied'),
    });
    expect(await count(owner)).toBe(2);
  });

  it.each(changes)('is not even the owner’s to change: %s', async (statement) => {
    expect(await rejectionOf(owner.rows(statement))).toMatchObject({
      code: DENIED,
      message: expect.stringContaining('append-only'),
    });
    expect(await count(owner)).toBe(2);
  });

  it('is not to be changed by an upsert or a merge either', async () => {
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

  it('has triggers on partitions made later as well', async () => {
    const replica = openReplica(database.serviceUrl);
    await replica.eventLog.batchInsert([eventAtNoon({ at: '2026-01-01T04:00:00Z' })]);
    await replica.close();
    for (const statement of ['DELETE FROM', 'TRUNCATE']) {
      expect(await rejectionOf(owner.rows(`${statement} analytics_event_log_p20260101`))).toMatchObject({
        message: expect.stringContaining('append-only'),
      });
    }
  });

  it('loses whole partitions to retention, and nothing else with them', async () => {
    await owner.rows('DROP TABLE analytics_event_log_p20260101');
    await owner.rows(`DROP TABLE ${PARTITION}`);
    expect(await owner.rows(`SELECT user_id FROM ${PARENT}`)).toEqual([{ user_id: '2' }]);
  });
});

describe('the service', () => {
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
  ])('may not: %s', async (statement) => {
    expect(await rejectionOf(service.rows(statement))).toMatchObject({ code: DENIED });
  });

  it('makes room for days through the one function it is given, and for 401 at most', async () => {
    expect(await service.value("SELECT analytics_ensure_partitions('2025-07-01', '2025-07-02')")).toBe(4);
    expect(await service.value("SELECT analytics_ensure_partitions('2025-07-01', '2025-07-02')")).toBe(0);
    for (const [first, last] of [
      ['2025-01-01', '2026-02-06'],
      ['2025-01-02', '2025-01-01'],
    ]) {
      await expect(service.rows('SELECT analytics_ensure_partitions($1, $2)', [first, last])).rejects.toThrow(
        '1 to 401 days',
      );
    }
  });
});
