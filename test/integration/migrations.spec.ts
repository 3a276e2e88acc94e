import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { runner } from 'node-pg-migrate';

import { runMigrations } from '../../src/infrastructure/persistence/migrations.js';
import { createEmptyDatabase } from '../support/database.js';
import { startPostgresServer, type PostgresServer } from '../support/postgres.js';
import { spawnTypeScript } from '../support/processes.js';
import { eventAtNoon } from '../support/builders.js';
import { rejectionOf } from '../support/failures.js';
import { openReplica } from '../support/persistence.js';
import { openSql, type Sql } from '../support/sql.js';

const DIRECTORY = fileURLToPath(new URL('../../database/migrations', import.meta.url));
const MIGRATE = fileURLToPath(new URL('../../src/cli/migrate.ts', import.meta.url));
const ALL = readdirSync(DIRECTORY)
  .sort()
  .map((file) => file.replace(/\.sql$/, ''));

const undo: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function emptyDatabase(): Promise<{ readonly url: string; readonly sql: Sql }> {
  const database = await createEmptyDatabase();
  undo.push(() => database.drop());
  const sql = await openSql(database.ownerUrl);
  undo.push(() => sql.close());
  return { url: database.ownerUrl, sql };
}

const tablesOf = async (sql: Sql, schema = 'public') =>
  (
    await sql.rows<{ name: string }>(
      'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1 ORDER BY 1',
      [schema],
    )
  ).map(({ name }) => name);

const TABLES = [
  'analytics_active_bits',
  'analytics_active_days',
  'analytics_active_weeks',
  'analytics_daily_active_users',
  'analytics_daily_actives',
  'analytics_dau_pending',
  'analytics_dropped_days',
  'analytics_erased_actives',
  'analytics_erasures',
  'analytics_event_corrections',
  'analytics_event_log',
  'analytics_identities',
  'analytics_identity_blocks',
  'analytics_identity_counters',
  'analytics_migrations',
  'analytics_online_snapshots',
  'analytics_outbox',
  'analytics_outbox_lanes',
  'analytics_place_actives',
  'analytics_week_bits',
  'analytics_week_places',
  'analytics_write_probe',
];

describe('the migrations', () => {
  it('run in order, and a second run changes nothing', async () => {
    const { url, sql } = await emptyDatabase();
    expect(await runMigrations({ databaseUrl: url })).toEqual(ALL);
    expect(await tablesOf(sql)).toEqual(TABLES);
    const state = () =>
      sql.rows("SELECT oid, xmin, relname FROM pg_class WHERE relname LIKE 'analytics%' ORDER BY 1");
    const before = await state();
    expect(await runMigrations({ databaseUrl: url })).toEqual([]);
    expect(await state()).toEqual(before);
  });

  it('run once when several callers start them at the same moment', async () => {
    const { url, sql } = await emptyDatabase();
    const applied = await Promise.all([1, 2, 3, 4].map(() => runMigrations({ databaseUrl: url })));
    expect(applied.filter((names) => names.length > 0)).toEqual([ALL]);
    expect(await tablesOf(sql)).toEqual(TABLES);
  });

  it('run once when two processes start at the same moment', async () => {
    const { url, sql } = await emptyDatabase();
    const processes = [1, 2].map(() =>
      spawnTypeScript(MIGRATE, [], {
        cwd: tmpdir(),
        env: { PATH: process.env['PATH'], NODE_ENV: 'test', DATABASE_URL: url },
      }),
    );
    expect(await Promise.all(processes.map(({ exited }) => exited))).toEqual([
      { code: 0, signal: null },
      { code: 0, signal: null },
    ]);
    expect(processes.flatMap(({ lines }) => lines).sort()).toEqual([
      `Applied: ${ALL.join(', ')}`,
      'The database is up to date.',
    ]);
    expect(await tablesOf(sql)).toEqual(TABLES);
  });

  it('run completely or not at all', async () => {
    const { url, sql } = await emptyDatabase();
    // This table makes the last migration fail.
    await sql.rows('CREATE TABLE analytics_outbox (x int)');
    expect(await rejectionOf(runMigrations({ databaseUrl: url }))).toMatchObject({ code: '42P07' });
    expect(await tablesOf(sql)).not.toContain('analytics_event_log');
    await sql.rows('DROP TABLE analytics_outbox');
    expect(await runMigrations({ databaseUrl: url })).toEqual(ALL);
  });

  it('revert to an empty schema and run again', async () => {
    const { url, sql } = await emptyDatabase();
    await runMigrations({ databaseUrl: url });
    await sql.rows("SELECT analytics_ensure_partitions('2025-06-14', '2025-06-15')");
    const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
    await runner({
      databaseUrl: url,
      dir: DIRECTORY,
      migrationsTable: 'analytics_migrations',
      direction: 'down',
      count: Infinity,
      logger: quiet,
      verbose: false,
    });
    expect(await tablesOf(sql)).toEqual(['analytics_migrations']);
    expect(await runMigrations({ databaseUrl: url })).toEqual(ALL);
    expect(await tablesOf(sql)).toEqual(TABLES);
  });

  it('register the days whose partitions an owner has dropped by hand', async () => {
    const { url, sql } = await emptyDatabase();
    await runner({
      databaseUrl: url,
      dir: DIRECTORY,
      migrationsTable: 'analytics_migrations',
      direction: 'up',
      count: ALL.findIndex((name) => name.endsWith('_retention')),
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
      verbose: false,
    });
    await sql.rows("SELECT analytics_ensure_partitions('2025-06-12', '2025-06-15')");
    await sql.rows(`INSERT INTO analytics_daily_active_users (day, dau_count, calculated_at)
      SELECT day::date, 5, now() FROM generate_series('2025-06-12'::date, '2025-06-14', interval '1 day') AS day`);
    await sql.rows('DROP TABLE analytics_event_log_p20250612, analytics_event_log_p20250613');
    await sql.rows('DROP TABLE analytics_daily_actives_p20250612, analytics_daily_actives_p20250615');
    await runMigrations({ databaseUrl: url });
    expect(
      await sql.rows(`SELECT day::text, events_dropped_at IS NOT NULL AS events, actives_dropped_at IS NOT NULL AS actives
        FROM analytics_dropped_days ORDER BY 1`),
    ).toEqual([
      { day: '2025-06-12', events: true, actives: true },
      { day: '2025-06-13', events: true, actives: false },
    ]);
  });

  it('run in the schema that the URL names', async () => {
    const { url, sql } = await emptyDatabase();
    const named = `${url}?schema=analytics_apart`;
    expect(await runMigrations({ databaseUrl: named })).toEqual(ALL);
    expect(await runMigrations({ databaseUrl: named })).toEqual([]);
    expect(await tablesOf(sql)).toEqual([]);
    expect(await tablesOf(sql, 'analytics_apart')).toEqual(TABLES);
    const replica = openReplica(named);
    undo.push(() => replica.close());
    expect(await replica.eventLog.batchInsert([eventAtNoon({ userId: '1' })])).toEqual([true]);
    expect((await replica.actives.count('2025-06-15')).total).toBe(1);
  });
});

describe('the migrations without the role of the service', () => {
  let server: PostgresServer;
  let admin: Sql;

  beforeAll(async () => {
    server = await startPostgresServer();
    admin = await openSql(server.ownerUrl);
  });

  afterAll(async () => {
    await admin.close();
    await server.stop();
  });

  const databaseUrl = (name: string, user?: string) => {
    const url = new URL(server.ownerUrl);
    url.pathname = `/${name}`;
    if (user !== undefined) url.username = user;
    return url.href;
  };

  it('run for an owner without the right to create it, and the service connects as the owner', async () => {
    await admin.rows("CREATE ROLE plain_owner LOGIN NOSUPERUSER NOCREATEROLE PASSWORD 'owner'");
    await admin.rows('CREATE DATABASE analytics_plain OWNER plain_owner');
    const url = databaseUrl('analytics_plain', 'plain_owner');
    const said: string[] = [];
    expect(await runMigrations({ databaseUrl: url, log: (line) => said.push(line) })).toEqual(ALL);
    expect(said).toEqual([expect.stringMatching(/analytics_service was not created.*CREATEROLE/)]);
    expect(await admin.rows("SELECT FROM pg_roles WHERE rolname = 'analytics_service'")).toEqual([]);

    const replica = openReplica(url);
    undo.push(() => replica.close());
    const event = eventAtNoon({ userId: '1', properties: { province: '广东' } });
    expect(await replica.eventLog.batchInsert([event, eventAtNoon({ at: '2018-11-01T04:00:00Z' })])).toEqual([
      true,
      true,
    ]);
    expect(await replica.eventLog.batchInsert([event])).toEqual([false]);
    expect(await replica.eventLog.queryDau('2025-06-15')).toMatchObject({ total: 1 });
    const sql = await openSql(url);
    undo.push(() => sql.close());
    expect(await rejectionOf(sql.rows('DELETE FROM analytics_event_log'))).toMatchObject({ code: '42501' });
    expect(await rejectionOf(sql.rows('TRUNCATE analytics_event_log'))).toMatchObject({ code: '42501' });
  });

  it('create it once when several databases of a cluster are migrated at the same moment', async () => {
    const names = ['analytics_one', 'analytics_two', 'analytics_three'];
    for (const name of names) await admin.rows(`CREATE DATABASE ${name}`);
    const applied = await Promise.all(names.map((name) => runMigrations({ databaseUrl: databaseUrl(name) })));
    expect(applied).toEqual([ALL, ALL, ALL]);
    expect(await admin.rows("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'analytics_service'")).toEqual([
      { rolcanlogin: false },
    ]);
  });
});
