import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { runner } from 'node-pg-migrate';
import { runMigrations } from '../../src/infrastructure/persistence/migrations.js';
import { eventLog, NOON, NOON_DAY, uuid } from '../support/builders.js';
import { createEmptyDatabase } from '../support/database.js';
import { openReplica } from '../support/persistence.js';
import { spawnTypeScript, temporaryDirectory } from '../support/processes.js';
import { openSql, type Sql } from '../support/sql.js';

const DIRECTORY = fileURLToPath(new URL('../../database/migrations', import.meta.url));
const COMMANDS = fileURLToPath(new URL('../../src/cli', import.meta.url));
const ALL = readdirSync(DIRECTORY).sort();
/** The first version that stored events, figures and messages; a release may end with any later migration. */
const FIRST = ALL.findIndex((file) => file.endsWith('_outbox.sql')) + 1;
const VERSIONS = ALL.map((file, index) => ({ last: file.replace(/\.sql$/, ''), count: index + 1 })).slice(
  FIRST - 1,
);

const YESTERDAY = '2025-06-14';
const TODAY = NOON_DAY;
const NOON_YESTERDAY = '2025-06-14T04:00:00.000Z';
/** A device clock that was a day behind. */
const CORRECTED = { eventId: uuid(900), userId: '9', at: NOON, clientTime: NOON_YESTERDAY };

const undo: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** Makes a database as the version with the first `count` migrations left it: two days of users and their figures. */
async function databaseOf(count: number): Promise<{ readonly url: string; readonly sql: Sql }> {
  const database = await createEmptyDatabase();
  undo.push(() => database.drop());
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  await runner({
    databaseUrl: database.ownerUrl,
    dir: DIRECTORY,
    migrationsTable: 'analytics_migrations',
    direction: 'up',
    count,
    logger: quiet,
    verbose: false,
  });
  const sql = await openSql(database.ownerUrl);
  undo.push(() => sql.close());
  await fill(sql);
  return { url: database.ownerUrl, sql };
}

/** Writes what the flush, the rollup and the jobs of every version have written, by columns that all have. */
async function fill(sql: Sql): Promise<void> {
  await sql.rows('SELECT analytics_ensure_partitions($1, $2)', [YESTERDAY, TODAY]);
  // Users 1 to 30 yesterday and 21 to 60 today, each third one twice in another city, and installs without a user.
  await sql.rows(`INSERT INTO analytics_event_log (event_id, event_time, user_id, install_id, event_name, properties)
    SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(n + 1000 * visit + 100000 * day), 12, '0'))::uuid,
           timestamptz '${NOON_YESTERDAY}' + day * interval '1 day' + visit * interval '1 hour',
           CASE WHEN n % 10 <> 0 THEN n END, 'install-' || n, 'app_session_start',
           jsonb_build_object('province', CASE visit WHEN 0 THEN '广东省' ELSE '浙江省' END, 'city', 'city-' || n % 4 + visit)
    FROM generate_series(0, 1) AS day, generate_series(1, 60) AS n, generate_series(0, 1) AS visit
    WHERE (day = 0 AND n <= 30 OR day = 1 AND n > 20) AND (visit = 0 OR n % 3 = 0)`);
  await sql.rows(`INSERT INTO analytics_event_log (event_id, event_time, user_id, install_id, event_name)
    VALUES ('${CORRECTED.eventId}', '${NOON}', 9, 'install-00000001', 'app_session_start')`);
  await sql.rows(`INSERT INTO analytics_event_corrections (event_id, client_time, event_time)
    VALUES ('${CORRECTED.eventId}', '${NOON_YESTERDAY}', '${NOON}')`);
  await sql.rows(`INSERT INTO analytics_daily_actives (day, level, place, identity)
    SELECT DISTINCT (event_time AT TIME ZONE 'Asia/Shanghai')::date, level, place, identity
    FROM (SELECT *, CASE WHEN user_id IS NULL THEN 'i:' || install_id ELSE 'u:' || user_id END AS identity
          FROM analytics_event_log) AS log,
      LATERAL (VALUES (0, ''), (1, properties->>'province'), (2, properties->>'city')) AS places (level, place)
    WHERE place IS NOT NULL`);
  await sql.rows(`INSERT INTO analytics_daily_active_users (day, dau_count, dau_by_province, dau_by_city, calculated_at, version)
    SELECT day, count(*) FILTER (WHERE level = 0),
      (SELECT jsonb_object_agg(place, n) FROM (SELECT place, count(*) AS n FROM analytics_daily_actives
         WHERE day = a.day AND level = 1 GROUP BY 1) AS p),
      (SELECT jsonb_object_agg(place, n) FROM (SELECT place, count(*) AS n FROM analytics_daily_actives
         WHERE day = a.day AND level = 2 GROUP BY 1) AS c),
      day + 1 + time '01:00' AT TIME ZONE 'Asia/Shanghai', 2
    FROM analytics_daily_actives AS a WHERE day = '${YESTERDAY}' GROUP BY day`);
  await sql.rows(`INSERT INTO analytics_dau_pending (day) VALUES ('${TODAY}')`);
  await sql.rows(`INSERT INTO analytics_online_snapshots (ts, online_count)
    SELECT timestamptz '${NOON_YESTERDAY}' + n * interval '1 minute', n FROM generate_series(1, 90) AS n`);
  await sql.rows(`INSERT INTO analytics_outbox (id, aggregatetype, aggregateid, type, payload, occurred_at)
    SELECT gen_random_uuid(), 'session', 'u:' || n, 'analytics.session.started', jsonb_build_object('userId', n::text), '${NOON}'
    FROM generate_series(1, 40) AS n`);
}

/** Returns every row of every table of the service, as the columns of that version. */
async function allRows(sql: Sql): Promise<ReadonlyMap<string, readonly string[]>> {
  const tables = await sql.rows<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
       AND relname LIKE 'analytics\\_%' AND relname <> 'analytics_migrations' ORDER BY 1`,
  );
  const rows = new Map<string, string[]>();
  for (const { name } of tables) {
    const found = await sql.rows<{ row: string }>(
      `SELECT to_jsonb(t)::text AS row FROM ${name} AS t ORDER BY 1`,
    );
    rows.set(
      name,
      found.map(({ row }) => row),
    );
  }
  return rows;
}

/** Returns the rows of a table that no row of today contains. */
async function lostRows(sql: Sql, table: string, before: readonly string[]): Promise<string[]> {
  const lost = await sql.rows<{ row: string }>(
    `WITH today AS MATERIALIZED (SELECT to_jsonb(t) AS row FROM ${table} AS t)
     SELECT old AS row FROM unnest($1::text[]) AS old WHERE NOT EXISTS (SELECT FROM today WHERE row @> old::jsonb)`,
    [before],
  );
  return lost.map(({ row }) => row);
}

describe.each(VERSIONS)('a database of the version that ended with $last', ({ last, count }) => {
  it('keeps every row, and its figures under the code of today', async () => {
    const { url, sql } = await databaseOf(count);
    const before = await allRows(sql);

    const applied = await runMigrations({ databaseUrl: url });

    expect(applied).toHaveLength(ALL.length - count);
    const lost: Record<string, string[]> = {};
    for (const [table, rows] of before) lost[table] = await lostRows(sql, table, rows);
    expect(lost).toEqual(Object.fromEntries([...before.keys()].map((table) => [table, []])));
    expect(before.get('analytics_event_log')).toHaveLength(30 + 40 + 10 + 14 + 1);

    const replica = openReplica(url);
    undo.push(() => replica.close());
    for (const [day, total] of [
      [YESTERDAY, 30],
      [TODAY, 41],
    ] as const) {
      const { marks, ...counted } = await replica.actives.count(day);
      expect(counted).toEqual(await replica.eventLog.queryDau(day));
      expect({ total: counted.total, marks: marks.length }).toEqual({ total, marks: day === TODAY ? 1 : 0 });
      const built = await replica.bits.build(day, new Date(NOON));
      expect(built.total).toBe(total);
    }
    const stored = await replica.stats.findByDate(YESTERDAY);
    expect({ dauCount: stored?.dauCount, version: stored?.version }).toEqual({ dauCount: 30, version: 2 });
    expect(await replica.snapshots.findRecord()).toMatchObject({ onlineCount: 90 });
    expect(await sql.value('SELECT count(DISTINCT lane)::int FROM analytics_outbox')).toBe(8);
  });

  it('stores a retry of its events once, and new events beside them', async () => {
    const { url, sql } = await databaseOf(count);
    await runMigrations({ databaseUrl: url });
    const replica = openReplica(url);
    undo.push(() => replica.close());
    const stored = await sql.rows<{ id: string; at: Date; user: string }>(
      `SELECT event_id AS id, event_time AS at, user_id::text AS user FROM analytics_event_log
       WHERE user_id IS NOT NULL AND event_id <> $1 ORDER BY 1 LIMIT 5`,
      [CORRECTED.eventId],
    );
    const retries = stored.map(({ id, at, user }) => eventLog({ eventId: id, at, userId: user }));
    // The clock was corrected by another skew when it was sent again.
    const corrected = eventLog({ ...CORRECTED, at: '2025-06-15T04:00:07.000Z' });

    expect(await replica.eventLog.batchInsert([...retries, corrected])).toEqual(Array(6).fill(false));
    expect(await replica.eventLog.batchInsert([eventLog({ userId: '777', at: NOON })])).toEqual([true]);
    expect((await replica.actives.count(TODAY)).total).toBe(42);
    expect(last).toMatch(/^\d+_/);
  });
});

it('the commands of today calculate and audit a database of the first version', async () => {
  const { url } = await databaseOf(FIRST);
  const run = async (name: string, args: readonly string[]): Promise<string> => {
    const command = spawnTypeScript(`${COMMANDS}/${name}.ts`, args, {
      cwd: temporaryDirectory('upgrade'),
      env: { PATH: process.env['PATH'], NODE_ENV: 'test', DATABASE_URL: url },
    });
    const { code } = await command.exited;
    return `${code}: ${command.lines.join('\n')}`;
  };

  expect(await run('migrate', [])).toContain('0: Applied: ');
  expect(await run('dau-calculate', [YESTERDAY, TODAY])).toMatch(/^0: [^]*2025-06-14 +30[^]*2025-06-15 +41/);
  expect(await run('dau-audit', [YESTERDAY])).toMatch(/^0: [^]*No drift/);
});
