import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { DatabaseProbe } from '../../src/infrastructure/persistence/database-probe.js';
import { eventAtNoon } from '../support/builders.js';
import { FixedClock } from '../support/contracts/clock/fake.js';
import { createPlainDatabase, createTestDatabase, type TestDatabase } from '../support/database.js';
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
  probe = new DatabaseProbe(replica.prisma);
});

afterEach(() => replica.close());

afterAll(async () => {
  await owner.close();
  await database.drop();
});

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
    await new DatabaseProbe(replica.prisma).check();
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
    const slow = new DatabaseProbe(behind.prisma);
    await slow.check();
    proxy.silence();
    expect(await rejectionOf(slow.check())).toMatchObject(UNAVAILABLE);
    await waitFor(async () => (await slow.check(), true), 10_000);
    await behind.close();
    await proxy.close();
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
    probe = new DatabaseProbe(replica.prisma);
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
    probe = new DatabaseProbe(replica.prisma);
    expect(await nextFailure()).toMatchObject(UNAVAILABLE);
    await ownerOfPlain.rows('DROP TRIGGER full_disk ON analytics_event_log');
    await recovery();
    expect(await replica.eventLog.batchInsert([large])).toEqual([true]);
  });
});
