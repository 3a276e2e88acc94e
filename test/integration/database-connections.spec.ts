import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { OutboxRelay } from '../../src/infrastructure/outbox/outbox-relay.service.js';
import { metricsRegistry } from '../../src/shared/metrics/metrics.js';
import { endsWithin } from '../../src/shared/utils/timeout.util.js';
import { eventAtNoon, NOON_DAY } from '../support/builders.js';
import { RecordingTransport } from '../support/contracts/event-transport/fake.js';
import { hold, isFree } from '../support/contracts/job-lock/contract.js';
import { createPlainDatabase, createTestDatabase, type TestDatabase } from '../support/database.js';
import { gate } from '../support/deferred.js';
import { expectUnavailable, rejectionOf } from '../support/failures.js';
import { emptyOutbox, openReplica, type Replica } from '../support/persistence.js';
import { startPostgresProxy, type PostgresProxy } from '../support/postgres-proxy/proxy.js';
import { spawnTypeScript, waitFor } from '../support/processes.js';
import { RECOVERY_MS, waitForRecovery } from '../support/recovery.js';
import { openSql, type Sql } from '../support/sql.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);

/** Time after which the service works again, whatever fell silent. */

let database: TestDatabase;
let owner: Sql;
let proxy: PostgresProxy;
/** comes through the proxy */
let replica: Replica;
/** connects directly */
let other: Replica;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await openSql(database.ownerUrl);
});

beforeEach(async () => {
  proxy = await startPostgresProxy(database.serviceUrl);
  replica = openReplica(proxy.through(database.serviceUrl));
  other = openReplica(database.serviceUrl);
});

afterEach(async () => {
  await Promise.all([replica.close(), other.close()]);
  await proxy.close();
});

afterAll(async () => {
  await owner.close();
  await database.drop();
});

/** Opens connections of requests that are idle afterwards. */
const openIdle = () => Promise.all([1, 2, 3].map(() => replica.actives.countNow(NOON_DAY)));

describe('a connection that ends in the moment it is ready', () => {
  it('ends no process, and its work fails as unavailable', async () => {
    proxy.mode = 'cut-at-ready';
    const used = spawnTypeScript(new URL('../support/fixtures/cut-connections.ts', import.meta.url), [], {
      env: { ...process.env, DATABASE_URL: proxy.through(database.ownerUrl), ROUNDS: '20' },
    });
    const { code } = await used.exited;
    expect(used.lines.at(-1)).toBe('still here');
    expect(code).toBe(0);
    const outcomes = used.lines.slice(0, -1).flatMap((line) => line.split(' '));
    expect(outcomes).toHaveLength(120);
    expect(
      outcomes.filter((each) => !/^(database_unavailable|57P01|Error:-(Client|Connection))/.test(each)),
    ).toEqual([]);
  });
});

describe('a connection that falls silent', () => {
  it('fails one request fast and is replaced, with all that are as old', async () => {
    await openIdle();
    proxy.silence();
    await expectUnavailable('database_unavailable', () => replica.eventLog.batchInsert([eventAtNoon()]));
    expect(await replica.eventLog.batchInsert([eventAtNoon()])).toEqual([true]);
    await openIdle();
  });

  it('frees the lane of the outbox that it held', async () => {
    await emptyOutbox(owner);
    await replica.eventLog.batchInsert([eventAtNoon({ userId: '1' }), eventAtNoon({ userId: '1' })]);
    const [taken, silent] = [gate(), gate()];
    const published = replica.outbox.publishBatch({ limit: 10, except: new Set(), eager: true }, () => {
      taken.open();
      return silent.opened;
    });
    await taken.opened;
    proxy.silence();
    silent.open();
    const relay = new OutboxRelay(other.outbox, new RecordingTransport());
    expect(await rejectionOf(published)).toMatchObject({ code: 'database_unavailable' });
    expect(await waitForRecovery(async () => (await relay.processAll()) > 0)).toBe(true);
    await relay.beforeApplicationShutdown();
  });

  it('frees the lock of a job that it held, once the job has ended', async () => {
    const held = await hold(replica.lock, 'rollup');
    proxy.silence();
    expect(await rejectionOf(held.end())).toMatchObject({ code: 'database_unavailable' });
    expect(await waitForRecovery(() => isFree(other.lock, 'rollup'))).toBe(true);
  });

  it('fails a long statement soon after the server has ended it', async () => {
    const done = replica.prisma.longStatementForJob('SELECT pg_sleep(4)::text');
    done.catch(() => undefined);
    await waitFor(() =>
      owner.value(
        "SELECT true FROM pg_stat_activity WHERE query LIKE '/*%pg_sleep(4)%' AND state = 'active'",
      ),
    );
    proxy.silence();
    expect(await endsWithin(rejectionOf(done), 4_000 + RECOVERY_MS + 2_000)).toBe(true);
    expect(await rejectionOf(done)).toMatchObject({ code: 'database_unavailable' });
  });

  it('leaves a long statement alone that the server works on', async () => {
    const rows = await replica.prisma.longStatementForJob<{ slept: string }>(
      'SELECT pg_sleep(8)::text AS slept',
    );
    expect(rows).toEqual([{ slept: '' }]);
  });
});

// A flush on a cluster goes to the worker, which does not refuse it.
describe('a server that refuses writes', () => {
  let plain: TestDatabase;
  let ownerOfPlain: Sql;

  beforeAll(async () => {
    plain = await createPlainDatabase();
    ownerOfPlain = await openSql(plain.ownerUrl);
  });

  beforeEach(async () => {
    await replica.close();
    replica = openReplica(plain.serviceUrl);
  });

  afterAll(async () => {
    await ownerOfPlain.close();
    await plain.drop();
  });

  it('makes the service drop all connections to it, so that the first one to a writer is used', async () => {
    const { name } = plain;
    await ownerOfPlain.rows(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await openIdle();
    const relay = new OutboxRelay(replica.outbox, new RecordingTransport());
    expect(await rejectionOf(relay.processAll())).toMatchObject({ code: 'database_unavailable' });
    await ownerOfPlain.rows(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    await expectUnavailable('database_unavailable', () =>
      replica.eventLog.batchInsert([eventAtNoon({ userId: '7' })]),
    );
    await waitFor(() => replica.eventLog.batchInsert([eventAtNoon({ userId: '7' })]), 2_000);
    expect(await relay.processAll()).toBeGreaterThan(0);
    await relay.beforeApplicationShutdown();
  });
});

describe('the shutdown', () => {
  it('ends while the server does not answer', async () => {
    await openIdle();
    const working = replica.actives.count(NOON_DAY);
    const held = await hold(replica.lock, 'rollup');
    await working;
    proxy.mode = 'silent';
    proxy.silence();
    const inFlight = [
      ...[1, 2, 3].map(() => replica.actives.countNow(NOON_DAY)),
      replica.actives.count(NOON_DAY),
      held.end(),
    ].map((each) => each.catch(() => undefined));
    expect(await endsWithin(replica.prisma.onApplicationShutdown(), 3_000)).toBe(true);
    await Promise.all(inFlight);
  });
});

describe('the connections', () => {
  it('are measured by pool and state', async () => {
    await openIdle();
    // The pools of the replica that was opened last are the ones that count.
    const opened = openReplica(database.serviceUrl);
    try {
      const held = await hold(opened.lock, 'measured');
      const text = await metricsRegistry.getSingleMetricAsString('analytics_database_connections');
      expect(text).toContain('analytics_database_connections{pool="jobs",state="in_use"} 1');
      expect(text).toContain('analytics_database_connections{pool="requests",state="waiting"} 0');
      await held.end();
    } finally {
      await opened.close();
    }
  });
});
