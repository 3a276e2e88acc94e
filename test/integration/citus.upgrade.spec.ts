import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { runner } from 'node-pg-migrate';
import { AuditActivesHandler } from '../../src/application/queries/audit-actives/audit-actives.handler.js';
import { AuditActivesQuery } from '../../src/application/queries/audit-actives/audit-actives.query.js';
import { eventLog, NOON, uuid } from '../support/builders.js';
import { alone, clusterUrl } from '../support/citus/cluster.js';
import { createDistributedDatabase, distribute } from '../support/database.js';
import {
  ACTIVE_ON_BOTH_DAYS,
  ACTIVE_TODAY,
  ACTIVE_YESTERDAY,
  EVENTS,
  fillEarlierVersion,
  TODAY,
  YESTERDAY,
} from '../support/earlier-version.js';
import { rejectionOf } from '../support/failures.js';
import { allRows, lostRows } from '../support/lost-rows.js';
import { openReplica } from '../support/persistence.js';
import { insertRows } from '../support/seed.js';
import { openSql, type Sql } from '../support/sql.js';

const DATABASE = fileURLToPath(new URL('../../database', import.meta.url));
const numberOf = (file: string): number => Number(file.split('_')[0]);
const filesOf = (directory: string): number[] => readdirSync(`${DATABASE}/${directory}`).map(numberOf).sort();
const PLAIN = filesOf('migrations');
const CITUS = filesOf('migrations-citus');
/** A release may end with any migration from the one on that distributes the tables. */
const VERSIONS = [...new Set([...PLAIN, ...CITUS])].filter((n) => n >= (CITUS[0] as number)).sort();
const BITS_ARE_DISTRIBUTED = CITUS.at(-1) as number;

/** Dictionary and bits, which one migration empties: the rollup builds them again. */
const REBUILT = /^analytics_(identities|identity_(counters|blocks)|active_(days|bits)|place_actives): /;

const undo: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** Makes a filled database of a cluster as the version left it that ended with a migration. */
async function databaseOf(
  last: number,
): Promise<{ readonly ownerUrl: string; readonly serviceUrl: string; readonly sql: Sql }> {
  const database = await createDistributedDatabase(clusterUrl(), async (ownerUrl) => {
    for (const [directory, register, numbers] of [
      ['migrations', 'analytics_migrations', PLAIN],
      ['migrations-citus', 'analytics_citus_migrations', CITUS],
    ] as const)
      await runner({
        databaseUrl: ownerUrl,
        dir: `${DATABASE}/${directory}`,
        migrationsTable: register,
        direction: 'up',
        count: numbers.filter((n) => n <= last).length,
        logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
        verbose: false,
      });
  });
  undo.push(() => database.drop());
  const sql = await openSql(database.ownerUrl);
  undo.push(() => sql.close());
  await fillEarlierVersion(sql);
  return { ...database, sql };
}

/** Roles belong to the whole cluster, so no other suite may change one meanwhile. */
function migrate(ownerUrl: string): Promise<string[]> {
  const cluster = clusterUrl();
  return cluster === null ? distribute(ownerUrl) : alone(cluster, () => distribute(ownerUrl));
}

describe.each(VERSIONS)('a filled database of a cluster whose last migration was %i', (last) => {
  it('keeps what was stored, and counts the same under the code of today', async () => {
    const { ownerUrl, serviceUrl, sql } = await databaseOf(last);
    const before = await allRows(sql);
    expect(before.get('analytics_event_log')).toHaveLength(EVENTS);

    const applied = await migrate(ownerUrl);

    expect(applied).toHaveLength([...PLAIN, ...CITUS].filter((n) => n > last).length);
    const lost = await lostRows(sql, before);
    const keepsBits = last >= BITS_ARE_DISTRIBUTED;
    expect(lost.filter((row) => keepsBits || !REBUILT.test(row))).toEqual([]);

    const replica = openReplica(serviceUrl);
    undo.push(() => replica.close());
    const span = [{ first: YESTERDAY, last: TODAY }];
    const active = { activeCount: ACTIVE_ON_BOTH_DAYS, newCount: ACTIVE_ON_BOTH_DAYS };
    if (keepsBits) expect(await replica.spans.countSpans(span, null)).toEqual([active]);
    else expect(await replica.bits.findUnbuiltDays(TODAY, 31)).toEqual([YESTERDAY]);
    for (const [day, total] of [
      [YESTERDAY, ACTIVE_YESTERDAY],
      [TODAY, ACTIVE_TODAY],
    ] as const) {
      const { marks, ...counted } = await replica.actives.count(day);
      expect(counted).toEqual(await replica.eventLog.queryDau(day));
      expect({ total: counted.total, marks: marks.length }).toEqual({ total, marks: day === TODAY ? 1 : 0 });
      expect((await replica.bits.build(day, () => new Date(NOON))).total).toBe(total);
    }
    expect(await replica.spans.countSpans(span, null)).toEqual([active]);
    expect(await replica.bits.compareFirstDays(YESTERDAY, YESTERDAY)).toMatchObject({ differences: [] });
    const audit = new AuditActivesHandler(replica.eventLog, replica.actives, replica.stats, replica.bits);
    expect((await audit.execute(new AuditActivesQuery(YESTERDAY))).drift).toEqual([]);
    expect(await replica.snapshots.findRecord()).toMatchObject({ onlineCount: 90 });

    expect(await replica.eventLog.batchInsert([eventLog({ userId: '777', at: NOON })])).toEqual([true]);
    const stored = await sql.rows<{ id: string; at: Date; user: string }>(
      `SELECT event_id AS id, event_time AS at, user_id::text AS user FROM analytics_event_log
       WHERE user_id < 9 ORDER BY 1 LIMIT 5`,
    );
    const retries = stored.map(({ id, at, user }) => eventLog({ eventId: id, at, userId: user }));
    expect(await replica.eventLog.batchInsert(retries)).toEqual(Array(5).fill(false));
  });
});

describe('a database that cannot be distributed', () => {
  it('of one server with events is refused as it is, with the way to a cluster', async () => {
    const database = await createDistributedDatabase(clusterUrl(), async (ownerUrl) => {
      const { runMigrations } = await import('../../src/infrastructure/persistence/migrations.js');
      await runMigrations({ databaseUrl: ownerUrl });
    });
    undo.push(() => database.drop());
    const sql = await openSql(database.ownerUrl);
    undo.push(() => sql.close());
    await sql.rows('SELECT analytics_ensure_partitions($1, $1)', [TODAY]);
    // The tables have no buckets yet.
    await insertRows(sql, 'analytics_event_log', [
      { event_id: uuid(1), event_time: NOON, install_id: 'install-1', event_name: 'app_opened' },
    ]);
    const before = await allRows(sql);
    expect(await rejectionOf(migrate(database.ownerUrl))).toMatchObject({
      message: expect.stringMatching(/must be empty.*use a new database and import the events/),
    });
    expect(await lostRows(sql, before)).toEqual([]);
    expect(await sql.value("SELECT to_regclass('analytics_buckets')")).toBeNull();
  });

  it('because bits are all that is left of a day is refused as it is', async () => {
    const { ownerUrl, sql } = await databaseOf(BITS_ARE_DISTRIBUTED - 1);
    await sql.rows(
      'INSERT INTO analytics_dropped_days (day, actives_dropped_at) VALUES ($1, clock_timestamp())',
      [YESTERDAY],
    );
    const before = await allRows(sql);
    expect(await rejectionOf(migrate(ownerUrl))).toMatchObject({
      message: expect.stringMatching(/bits of days without an active set cannot be distributed/),
    });
    expect(await lostRows(sql, before)).toEqual([]);
  });
});
