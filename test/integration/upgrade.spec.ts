import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { runner } from 'node-pg-migrate';
import { runMigrations } from '../../src/infrastructure/persistence/migrations.js';
import { eventLog, NOON } from '../support/builders.js';
import { createEmptyDatabase } from '../support/database.js';
import {
  ACTIVE_ON_BOTH_DAYS,
  ACTIVE_TODAY,
  ACTIVE_YESTERDAY,
  CORRECTED,
  EVENTS,
  fillEarlierVersion,
  TODAY,
  YESTERDAY,
} from '../support/earlier-version.js';
import { allRows, lostRows } from '../support/lost-rows.js';
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
  await fillEarlierVersion(sql);
  return { url: database.ownerUrl, sql };
}

describe.each(VERSIONS)('a database of the version that ended with $last', ({ last, count }) => {
  it('keeps every row, and its figures under the code of today', async () => {
    const { url, sql } = await databaseOf(count);
    const before = await allRows(sql);

    const applied = await runMigrations({ databaseUrl: url });

    expect(applied).toHaveLength(ALL.length - count);
    expect(await lostRows(sql, before)).toEqual([]);
    expect(before.get('analytics_event_log')).toHaveLength(EVENTS);

    const replica = openReplica(url);
    undo.push(() => replica.close());
    const span = [{ first: YESTERDAY, last: TODAY }];
    const active = { activeCount: ACTIVE_ON_BOTH_DAYS, newCount: ACTIVE_ON_BOTH_DAYS };
    if (before.has('analytics_active_bits'))
      expect(await replica.spans.countSpans(span, null)).toEqual([active]);
    for (const [day, total] of [
      [YESTERDAY, ACTIVE_YESTERDAY],
      [TODAY, ACTIVE_TODAY],
    ] as const) {
      const { marks, ...counted } = await replica.actives.count(day);
      expect(counted).toEqual(await replica.eventLog.queryDau(day));
      expect({ total: counted.total, marks: marks.length }).toEqual({ total, marks: day === TODAY ? 1 : 0 });
      const built = await replica.bits.build(day, () => new Date(NOON));
      expect(built.total).toBe(total);
    }
    expect(await replica.spans.countSpans(span, null)).toEqual([active]);
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
