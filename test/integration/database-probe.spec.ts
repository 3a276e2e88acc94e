import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { DatabaseLayout } from '../../src/infrastructure/persistence/database-layout.js';
import { DatabaseProbe } from '../../src/infrastructure/persistence/database-probe.js';
import { runMigrations } from '../../src/infrastructure/persistence/migrations.js';
import { PrismaService } from '../../src/infrastructure/persistence/prisma/prisma.service.js';
import { eventAtNoon } from '../support/builders.js';
import { isDistributed } from '../support/citus/tables.js';
import { FixedClock } from '../support/contracts/clock/fake.js';
import {
  createDistributedDatabase,
  createEmptyDatabase,
  createPlainDatabase,
  createTestDatabase,
  type TestDatabase,
} from '../support/database.js';
import { rejectionOf } from '../support/failures.js';
import { openReplica, type Replica } from '../support/persistence.js';
import { startPostgresProxy } from '../support/postgres-proxy/proxy.js';
import { waitFor } from '../support/processes.js';
import { openSql, type Sql } from '../support/sql.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);

const UNAVAILABLE = { code: 'database_unavailable' };

let database: TestDatabase;
let owner: Sql;
let replica: Replica;
let probe: DatabaseProbe;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await openSql(database.ownerUrl);
});

beforeEach(() => {
  replica = openReplica(database.serviceUrl, new FixedClock(new Date().toISOString()));
  probe = probeOf(replica);
});

afterEach(() => replica.close());

afterAll(async () => {
  await owner.close();
  await database.drop();
});

const probeOf = ({ prisma }: Replica, citus = isDistributed(database.serviceUrl)) =>
  new DatabaseProbe(prisma, new DatabaseLayout(prisma, citus));

const writes = () =>
  owner.value("SELECT count(*)::int FROM analytics_write_probe WHERE written_at > now() - interval '1 h'");

/** Probes until the verdict is that the database takes writes. */
const recovery = () => waitFor(async () => (await probe.check(), true), 10_000, { intervalMs: 200 });

/** Probes, a verdict later, and returns the error. */
async function nextFailure(): Promise<unknown> {
  return waitFor(
    () =>
      probe.check().then(
        () => undefined,
        (error: unknown) => error,
      ),
    10_000,
    { intervalMs: 200 },
  );
}

describe('the probe of the database', () => {
  it('commits a write before the first event made a partition, and leaves nothing in the log', async () => {
    await probe.check();
    expect(await writes()).toBe(1);
    await replica.eventLog.batchInsert([eventAtNoon({ at: new Date().toISOString() })]);
    await probeOf(replica).check();
    expect(await owner.value('SELECT count(*)::int FROM analytics_event_log')).toBe(1);
  });

  it('shares one write among the probes of a moment', async () => {
    expect(new Set(Array.from({ length: 50 }, () => probe.check())).size).toBe(1);
    await probe.check();
    const written = await owner.value('SELECT written_at FROM analytics_write_probe');
    await probe.check();
    expect(await owner.value('SELECT written_at FROM analytics_write_probe')).toEqual(written);
  });

  it('fails while the database refuses writes, though it answers reads, and recovers', async () => {
    await owner.rows(`ALTER DATABASE ${database.name} SET default_transaction_read_only = on`);
    expect(await nextFailure()).toMatchObject(UNAVAILABLE);
    expect(await replica.actives.countNow('2025-06-15')).toMatchObject({ total: 0 });
    await owner.rows(`ALTER DATABASE ${database.name} RESET default_transaction_read_only`);
    await recovery();
  });

  it('fails in time while the server does not answer', async () => {
    const proxy = await startPostgresProxy(database.serviceUrl);
    const behind = openReplica(proxy.through(database.serviceUrl));
    const slow = probeOf(behind);
    await slow.check();
    proxy.silence();
    expect(await rejectionOf(slow.check())).toMatchObject(UNAVAILABLE);
    await waitFor(async () => (await slow.check(), true), 10_000);
    await behind.close();
    await proxy.close();
  });
});

describe('the layout of the tables', () => {
  const layouts = [
    {
      tables: 'one server',
      open: createPlainDatabase,
      citus: true,
      rule: /^CITUS must be false when .+ it is true: /,
    },
    {
      tables: 'a cluster',
      open: () => createDistributedDatabase(),
      citus: false,
      rule: /^CITUS must be true when .+ it is false: /,
    },
  ];

  it.each(layouts)(
    'of $tables with CITUS=$citus fails the probe and the start',
    async ({ open, citus, rule }) => {
      const other = await open();
      const prisma = new PrismaService({ url: other.serviceUrl, poolSize: 2 });
      const mismatch = { code: 'database_layout_mismatch', message: expect.stringMatching(rule) };
      const layout = new DatabaseLayout(prisma, citus);
      expect(await rejectionOf(layout.onModuleInit())).toMatchObject(mismatch);
      expect(await rejectionOf(new DatabaseProbe(prisma, layout).check())).toMatchObject(mismatch);
      const right = new DatabaseLayout(prisma, !citus);
      await right.onModuleInit();
      await new DatabaseProbe(prisma, right).check();
      await prisma.onApplicationShutdown();
      await other.drop();
    },
  );

  it('is unknown before the migrations, and compared once they have run', async () => {
    const empty = await createEmptyDatabase();
    const prisma = new PrismaService({ url: empty.ownerUrl, poolSize: 2 });
    const layout = new DatabaseLayout(prisma, true);
    await layout.onModuleInit();
    await runMigrations({ databaseUrl: empty.ownerUrl });
    expect(await rejectionOf(layout.verify())).toMatchObject({ code: 'database_layout_mismatch' });
    await prisma.onApplicationShutdown();
    await empty.drop();
  });

  it('does not keep the service from starting while the database does not answer', async () => {
    const prisma = new PrismaService({ url: 'postgresql://nobody@127.0.0.1:1/nothing', poolSize: 2 });
    await new DatabaseLayout(prisma, true).onModuleInit();
    await prisma.onApplicationShutdown();
  });

  it('of a cluster is not migrated without CITUS=true', async () => {
    const cluster = await createDistributedDatabase();
    expect(await rejectionOf(runMigrations({ databaseUrl: cluster.ownerUrl }))).toMatchObject({
      code: 'database_layout_mismatch',
    });
    await cluster.drop();
  });
});

// A probe on a cluster writes where statements are planned: a lost node must not stop the buckets of the others.
describe('the probe of one server', () => {
  let plain: TestDatabase;
  let ownerOfPlain: Sql;

  beforeAll(async () => {
    plain = await createPlainDatabase();
    ownerOfPlain = await openSql(plain.ownerUrl);
  });

  beforeEach(async () => {
    await replica.close();
    replica = openReplica(plain.serviceUrl, new FixedClock(new Date().toISOString()));
    probe = probeOf(replica, false);
  });

  afterAll(async () => {
    await ownerOfPlain.close();
    await plain.drop();
  });

  it('fails while the service may not write the log, and recovers', async () => {
    await ownerOfPlain.rows('REVOKE INSERT ON analytics_event_log FROM analytics_service');
    expect(await nextFailure()).toMatchObject(UNAVAILABLE);
    await ownerOfPlain.rows('GRANT INSERT ON analytics_event_log TO analytics_service');
    await recovery();
  });

  it('fails while a full disk takes small rows only, without traffic as well, and recovers', async () => {
    await ownerOfPlain.rows(`
      CREATE FUNCTION pretend_full() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF length(new.properties::text) > 1000 THEN RAISE SQLSTATE '53100' USING MESSAGE = 'could not extend file'; END IF;
        RETURN new;
      END $$`);
    await ownerOfPlain.rows(
      'CREATE TRIGGER full_disk BEFORE INSERT ON analytics_event_log FOR EACH ROW EXECUTE FUNCTION pretend_full()',
    );
    const large = eventAtNoon({ at: new Date().toISOString(), properties: { note: 'x'.repeat(1200) } });
    expect(await rejectionOf(replica.eventLog.batchInsert([large]))).toMatchObject(UNAVAILABLE);
    expect(await nextFailure()).toMatchObject(UNAVAILABLE);
    probe = probeOf(replica, false);
    expect(await nextFailure()).toMatchObject(UNAVAILABLE);
    await ownerOfPlain.rows('DROP TRIGGER full_disk ON analytics_event_log');
    await recovery();
    expect(await replica.eventLog.batchInsert([large])).toEqual([true]);
  });
});
