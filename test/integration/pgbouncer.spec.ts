import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { OutboxRelay } from '../../src/infrastructure/outbox/outbox-relay.service.js';
import { runMigrations } from '../../src/infrastructure/persistence/migrations.js';
import { eventAtNoon, NOON, NOON_DAY } from '../support/builders.js';
import { FixedClock } from '../support/contracts/clock/fake.js';
import { RecordingTransport } from '../support/contracts/event-transport/fake.js';
import { isFree } from '../support/contracts/job-lock/contract.js';
import { createEmptyDatabase, createPlainDatabase, type TestDatabase } from '../support/database.js';
import { rejectionOf } from '../support/failures.js';
import { openReplica, type Replica } from '../support/persistence.js';
import { startPgBouncer, type PgBouncer } from '../support/pgbouncer.js';
import { spawnTypeScript, waitFor } from '../support/processes.js';
import { RetentionStage } from '../support/retention/run.js';
import { openSql, type Sql } from '../support/sql.js';

// These tests cause statements that fail, whose warnings would hide other output.
Logger.overrideLogger(false);

/** Finds advisory locks of this database; other suites use the same server. */
const LOCKS_SQL = `
SELECT pid FROM pg_locks WHERE locktype = 'advisory'
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

let database: TestDatabase;
let owner: Sql;
let pooler: PgBouncer;

beforeAll(async () => {
  database = await createPlainDatabase();
  owner = await openSql(database.ownerUrl);
  pooler = await startPgBouncer([database.serviceUrl, database.ownerUrl]);
});

afterAll(async () => {
  await owner.close();
  await pooler.stop();
  await database.drop();
});

const replicas: Replica[] = [];
afterEach(() => Promise.all(replicas.splice(0).map((replica) => replica.close())));

/** Opens a replica that comes through a pooler with `?pgbouncer=true` alone. */
function openPooled(through = pooler, parameters = ''): Replica {
  const replica = openReplica(`${through.through(database.serviceUrl)}?pgbouncer=true${parameters}`);
  replicas.push(replica);
  return replica;
}

describe('two replicas behind PgBouncer', () => {
  it('build, count and audit bits at once, also of a day that retention has dropped', async () => {
    const day = '2025-05-05';
    const seen = (user: number) => eventAtNoon({ userId: String(user), at: `${day}T12:00:00+08:00` });
    const pair = [openPooled(), openPooled()] as const;
    const stages = pair.map((replica) => new RetentionStage(replica, new FixedClock(NOON)));
    const calculate = async (): Promise<void> => {
      await Promise.all(stages.map((stage) => stage.calculate(day).catch(() => undefined)));
      await stages[0]!.calculate(day);
    };
    await pair[0].eventLog.batchInsert([1, 2, 3].map(seen));
    await calculate();
    expect(await pair[1].retention.drop('events', day, 1)).toBe('dropped');
    expect(await pair[1].retention.drop('actives', day, 1)).toBe('dropped');
    const outcomes = await Promise.all(
      pair.map(({ eventLog }, n) => eventLog.batchInsert([seen(3), seen(4 + n)])),
    );
    expect(outcomes.flat()).toEqual([true, true, true, true]);
    await calculate();
    for (const { spans } of pair)
      expect(await spans.countSpans([{ first: day, last: day }], null)).toEqual([
        { activeCount: 5, newCount: 5 },
      ]);
    for (const stage of stages) expect(await stage.auditBits(day)).toEqual([]);
    await owner.rows('DELETE FROM analytics_outbox');
  });

  it('store events once, and publish them', async () => {
    const [a, b] = [openPooled(), openPooled()];
    const events = Array.from({ length: 50 }, (_, i) => eventAtNoon({ userId: String(i + 1) }));
    const stored = await Promise.all(
      events.flatMap((event) => [a.eventLog.batchInsert([event]), b.eventLog.batchInsert([event])]),
    );
    expect(stored.flat().filter(Boolean)).toHaveLength(events.length);
    expect((await a.actives.countNow(NOON_DAY)).total).toBe(events.length);
    const transports = [new RecordingTransport(), new RecordingTransport()];
    const relays = [a, b].map((replica, i) => new OutboxRelay(replica.outbox, transports[i]!));
    await waitFor(async () => {
      await Promise.all(relays.map((relay) => relay.processAll()));
      return (await owner.value('SELECT count(*)::int FROM analytics_outbox')) === 0;
    });
    expect(transports.flatMap(({ sent }) => sent)).toHaveLength(events.length);
    await Promise.all(relays.map((relay) => relay.beforeApplicationShutdown()));
  });

  it('take over the lane of one that is killed while it publishes: the pooler ends its transaction', async () => {
    const [a, b] = [openPooled(), openPooled()];
    await owner.rows('DELETE FROM analytics_outbox');
    await a.eventLog.batchInsert([1, 2].map(() => eventAtNoon({ userId: '7' })));
    const killed = spawnTypeScript(new URL('../support/fixtures/stuck-relay.ts', import.meta.url), [], {
      env: {
        ...process.env,
        DATABASE_URL: `${pooler.through(database.serviceUrl)}?pgbouncer=true`,
        MAX_BATCH_MS: '60000',
      },
    });
    const transport = new RecordingTransport();
    const relay = new OutboxRelay(b.outbox, transport);
    try {
      await waitFor(() => killed.lines.includes('holding 2'), 15_000);
      expect(await relay.processAll()).toBe(0);
    } finally {
      killed.child.kill('SIGKILL');
      await killed.exited;
    }
    await waitFor(async () => {
      await relay.processAll();
      return transport.sent.length === 2;
    }, 20_000);
    await relay.beforeApplicationShutdown();
  });

  it('keep to the schema of the URL, of which the pooler knows nothing', async () => {
    const migrated = `${database.ownerUrl}?schema=apart`;
    await runMigrations({ databaseUrl: migrated });
    const [apart, usual] = [openPooled(pooler, '&schema=apart'), openPooled()];
    const [here, there] = [eventAtNoon(), eventAtNoon()];
    await Promise.all([apart.eventLog.batchInsert([there]), usual.eventLog.batchInsert([here])]);
    expect(await owner.rows('SELECT event_id FROM apart.analytics_event_log')).toEqual([
      { event_id: there.eventId.value },
    ]);
    expect(
      await owner.rows('SELECT event_id FROM analytics_event_log WHERE event_id = $1', [there.eventId.value]),
    ).toEqual([]);
  });
});

describe('a statement behind PgBouncer', () => {
  it('that a locked table delays is too slow, whether it is cancelled or late, and stores nothing', async () => {
    const replica = openPooled();
    const event = eventAtNoon({ userId: '99' });
    await replica.actives.countNow(NOON_DAY);
    await owner.rows('BEGIN');
    await owner.rows('LOCK TABLE analytics_outbox, analytics_daily_actives');
    try {
      const slow = [
        () => replica.eventLog.batchInsert([event]),
        ...[1, 2, 3].map(() => () => replica.actives.countNow(NOON_DAY)),
        () => replica.actives.listIdentities(NOON_DAY, '', 10),
        () =>
          replica.outbox.publishBatch({ limit: 10, except: new Set<number>(), eager: true }, async () => {}),
      ];
      const failures = await Promise.all(slow.map((each) => rejectionOf(each())));
      for (const failure of failures) expect(failure).toMatchObject({ code: 'database_too_slow' });
    } finally {
      await owner.rows('ROLLBACK');
    }
    expect(
      await owner.rows('SELECT FROM analytics_event_log WHERE event_id = $1', [event.eventId.value]),
    ).toEqual([]);
    expect(await replica.eventLog.batchInsert([event])).toEqual([true]);
  });

  it('that waits for a free server is too slow', async () => {
    const narrow = await startPgBouncer([database.serviceUrl], { default_pool_size: '1' });
    const [busy, waiting] = [openPooled(narrow), openPooled(narrow)];
    const long = busy.prisma.longStatementForJob('SELECT pg_sleep(3)::text');
    await waitFor(() => owner.value("SELECT true FROM pg_stat_activity WHERE query LIKE '/*%pg_sleep(3)%'"));
    expect(await rejectionOf(waiting.actives.countNow(NOON_DAY))).toMatchObject({
      code: 'database_too_slow',
    });
    expect(await rejectionOf(waiting.eventLog.batchInsert([eventAtNoon()]))).toMatchObject({
      code: 'database_too_slow',
    });
    await long;
    expect(await waiting.eventLog.batchInsert([eventAtNoon()])).toEqual([true]);
    await narrow.stop();
  });

  it('is planned once by each server, whichever clients have named it there', async () => {
    const narrow = await startPgBouncer([database.serviceUrl], { default_pool_size: '1' });
    const [a, b] = [openPooled(narrow), openPooled(narrow)];
    const session = await openSql(narrow.through(database.serviceUrl));
    const named = () =>
      session.value("SELECT count(*)::int FROM pg_prepared_statements WHERE name LIKE 'analytics_%'");
    expect(await a.eventLog.batchInsert([eventAtNoon()])).toEqual([true]);
    const ofOne = await named();
    expect(ofOne).toBeGreaterThan(0);
    expect(await b.eventLog.batchInsert([eventAtNoon()])).toEqual([true]);
    expect(await named()).toBe(ofOne);
    await session.rows('DEALLOCATE ALL');
    expect(await a.eventLog.batchInsert([eventAtNoon()])).toEqual([true]);
    expect(await b.eventLog.batchInsert([eventAtNoon()])).toEqual([true]);
    await session.close();
    await narrow.stop();
  });

  it('holds the lock of a job for as long as the job takes', async () => {
    const [a, b] = [openPooled(), openPooled()];
    let wasFree: boolean | undefined;
    await a.lock.runExclusively('rollup', async () => {
      wasFree = await isFree(b.lock, 'rollup');
    });
    expect(wasFree).toBe(false);
    expect(await isFree(b.lock, 'rollup')).toBe(true);
  });
});

describe('a URL that does not tell of the pooler', () => {
  it('is answered with what has to be added', async () => {
    const url = pooler.through(database.ownerUrl);
    await expect(runMigrations({ databaseUrl: url })).rejects.toThrow(
      'add ?pgbouncer=true to the database URL',
    );
    const replica = openReplica(url);
    replicas.push(replica);
    expect(await rejectionOf(replica.eventLog.batchInsert([eventAtNoon()]))).toMatchObject({
      cause: { message: expect.stringContaining('add ?pgbouncer=true to the database URL') },
    });
  });
});

describe('migrations through PgBouncer', () => {
  it.each(['', '&schema=apart'])(
    'are applied by one of several runners (%p), which leaves no lock behind',
    async (schema) => {
      const empty = await createEmptyDatabase();
      const url = `${pooler.through(empty.ownerUrl)}?pgbouncer=true${schema}`;
      const applied = await Promise.all([1, 2, 3].map(() => runMigrations({ databaseUrl: url })));
      expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
      const sql = await openSql(empty.ownerUrl);
      expect(await sql.rows(LOCKS_SQL)).toEqual([]);
      const session = await openSql(pooler.through(empty.ownerUrl));
      expect(await session.value("SELECT current_setting('search_path')")).toBe('"$user", public');
      await Promise.all([sql.close(), session.close()]);
      await empty.drop();
    },
  );
});
