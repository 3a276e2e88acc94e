import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import type { EventLog } from '../../src/domain/entities/event-log.entity.js';
import { OutboxRelay } from '../../src/infrastructure/outbox/outbox-relay.service.js';
import type { LinkMode } from '../../tools/chaos/proxy/link-mode.js';
import { TcpProxy } from '../../tools/chaos/proxy/tcp-proxy.js';
import { eventAtNoon, NOON_DAY } from '../support/builders.js';
import { RecordingTransport } from '../support/contracts/event-transport/fake.js';
import { isFree } from '../support/contracts/job-lock/contract.js';
import { createTestDatabase, prepareServer, type TestDatabase } from '../support/database.js';
import { rejectionOf } from '../support/failures.js';
import { openReplica, type Replica } from '../support/persistence.js';
import { startPgBouncer } from '../support/pgbouncer.js';
import { startPostgresServer, type PostgresServer } from '../support/postgres.js';
import { startPostgresProxy } from '../support/postgres-proxy/proxy.js';
import {
  promote,
  PRIMARY_SETTINGS,
  returnReadOnly,
  startStandby,
  waitForStandby,
} from '../support/postgres/standby.js';
import { sleep, waitFor } from '../support/processes.js';
import { RECOVERY_MS, RecoveryWatch, waitForRecovery } from '../support/recovery.js';
import { openSql } from '../support/sql.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);

const DEVICES = 6;

const servers: PostgresServer[] = [];
const undo: (() => Promise<unknown>)[] = [];
let database: TestDatabase;
let primary: PostgresServer;
let standby: PostgresServer;
let standbyName: string;

beforeAll(async () => {
  primary = await startPostgresServer({ settings: PRIMARY_SETTINGS });
  servers.push(primary);
  await prepareServer(primary.ownerUrl);
  database = await createTestDatabase(primary.ownerUrl);
  await addStandby();
});

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

afterAll(() => Promise.all(servers.map((server) => server.stop())));

async function addStandby(): Promise<void> {
  standbyName = `standby_${servers.length}`;
  standby = await startStandby(primary, { name: standbyName });
  servers.push(standby);
  await waitForStandby(primary, standbyName);
}

/** Returns the service's URL of the database at these servers. */
function urlAt(...hosts: readonly PostgresServer[]): string {
  const { username, password, pathname } = new URL(database.serviceUrl);
  const names = hosts.map(({ host, port }) => `${host}:${port}`).join(',');
  return `postgresql://${username}:${password}@${names}${pathname}`;
}

function open(url: string): Replica {
  const replica = openReplica(url);
  undo.push(() => replica.close());
  return replica;
}

/** Sends events one after the other, each until it is acknowledged, from several devices. */
function startDevices(replica: Replica): { readonly acknowledged: EventLog[]; stop(): Promise<void> } {
  const acknowledged: EventLog[] = [];
  let isSending = true;
  const devices = Array.from({ length: DEVICES }, async () => {
    for (let event = eventAtNoon(); isSending;) {
      try {
        await replica.eventLog.batchInsert([event]);
        acknowledged.push(event);
        event = eventAtNoon();
      } catch {
        await sleep(50);
      }
    }
  });
  return {
    acknowledged,
    stop: async () => {
      isSending = false;
      await Promise.all(devices);
    },
  };
}

/** Waits until the devices are served again, in the promised time, and expects that nothing acknowledged was lost. */
async function expectRecovery(
  replica: Replica,
  { acknowledged, stop }: ReturnType<typeof startDevices>,
  at: PostgresServer,
): Promise<void> {
  const before = acknowledged.length;
  const watch = new RecoveryWatch(() => writePlainly(at));
  await waitFor(() => acknowledged.length >= before + 2 * DEVICES, RECOVERY_MS);
  expect(await watch.end()).toBe(0);
  await stop();
  const sql = await openSql(urlAt(at));
  const ids = acknowledged.map(({ eventId }) => eventId.value);
  expect(
    await sql.value('SELECT count(*)::int FROM analytics_event_log WHERE event_id = ANY ($1::uuid[])', [ids]),
  ).toBe(ids.length);
  await sql.close();
  expect(await replica.actives.countNow(NOON_DAY)).toEqual(await replica.eventLog.queryDau(NOON_DAY));
  const relay = new OutboxRelay(replica.outbox, new RecordingTransport());
  await waitForRecovery(async () => (await relay.processAll()) > 0);
  await relay.beforeApplicationShutdown();
  expect(await isFree(replica.lock, 'rollup')).toBe(true);
  expect(await replica.actives.count(NOON_DAY)).toMatchObject(await replica.actives.countNow(NOON_DAY));
}

async function writePlainly(server: PostgresServer): Promise<void> {
  const sql = await openSql(urlAt(server));
  await sql.rows('SELECT analytics_probe_write(true)');
  await sql.close();
}

async function finishFailover(): Promise<void> {
  primary = standby;
  await addStandby();
}

describe('a primary that is lost', () => {
  it('is replaced by its standby when the address moves, though it first leads to the former one, now read-only', async () => {
    const proxy = await startPostgresProxy(urlAt(primary));
    undo.push(() => proxy.close());
    const replica = open(proxy.through(urlAt(primary)));
    const devices = startDevices(replica);
    await waitFor(() => devices.acknowledged.length > 5 * DEVICES);
    await primary.kill();
    await promote(standby);
    await returnReadOnly(primary);
    expect(
      await rejectionOf(waitFor(() => replica.eventLog.batchInsert([eventAtNoon()]), 500)),
    ).toMatchObject({
      cause: { code: 'database_unavailable' },
    });
    proxy.leadTo(urlAt(standby));
    await expectRecovery(replica, devices, standby);
    await finishFailover();
  });

  it('is replaced by its standby when the URL names both, and stays unused when it comes back read-only', async () => {
    const url = `${urlAt(primary, standby)}?target_session_attrs=read-write`;
    const replica = open(url);
    const devices = startDevices(replica);
    await waitFor(() => devices.acknowledged.length > 5 * DEVICES);
    await primary.kill();
    await promote(standby);
    await expectRecovery(replica, devices, standby);
    await returnReadOnly(primary);
    const later = open(url);
    for (const each of [replica, later])
      expect(await each.eventLog.batchInsert([eventAtNoon()])).toEqual([true]);
    await finishFailover();
  });

  it('is replaced by its standby when it falls silent, without a word to its clients', async () => {
    const proxy = await startPostgresProxy(urlAt(primary));
    undo.push(() => proxy.close());
    const { host, port } = new URL(proxy.through(urlAt(primary)));
    const url = urlAt({ ...primary, host: host.split(':')[0] ?? '', port: Number(port) }, standby);
    const replica = open(url);
    const devices = startDevices(replica);
    await waitFor(() => devices.acknowledged.length > 5 * DEVICES);
    proxy.mode = 'silent';
    proxy.silence();
    await primary.kill();
    await promote(standby);
    await expectRecovery(replica, devices, standby);
    await finishFailover();
  });
});

describe('a primary that is lost behind PgBouncer', () => {
  it('is replaced by its standby when the address moves', async () => {
    const proxy = await startPostgresProxy(urlAt(primary));
    undo.push(() => proxy.close());
    const pooler = await startPgBouncer([proxy.through(urlAt(primary))], { server_login_retry: '1' });
    undo.push(() => pooler.stop());
    const replica = open(`${pooler.through(urlAt(primary))}?pgbouncer=true`);
    const devices = startDevices(replica);
    await waitFor(() => devices.acknowledged.length > 5 * DEVICES);
    await primary.kill();
    await promote(standby);
    proxy.leadTo(urlAt(standby));
    await expectRecovery(replica, devices, standby);
    await finishFailover();
  });
});

describe('a commit that its standby has not got', () => {
  let replica: Replica;
  let other: Replica;
  let link: TcpProxy;

  beforeEach(async () => {
    link = await TcpProxy.start(primary.port);
    undo.push(() => link.stop());
    const throughLink = new URL(urlAt(primary));
    throughLink.port = String(link.port);
    [replica, other] = [open(throughLink.href), open(urlAt(primary))];
    for (const each of [replica, other]) await each.eventLog.batchInsert([eventAtNoon()]);
    await standby.kill();
  });

  afterEach(() => standby.restart());

  it('is not acknowledged, even though a later copy of its event finds it stored', async () => {
    const event = eventAtNoon();
    const sql = await openSql(urlAt(primary));
    // The service ends the session that waits in silence, and PostgreSQL then shows what it had committed.
    for (let isStored = false; !isStored;) {
      await rejectionOf(replica.eventLog.batchInsert([event]));
      const found = 'SELECT count(*)::int FROM analytics_event_log WHERE event_id = $1';
      isStored = (await sql.value(found, [event.eventId.value])) === 1;
    }
    await sql.close();
    expect(await rejectionOf(other.eventLog.batchInsert([event]))).toMatchObject({ kind: 'unavailable' });
  });

  it.each<[packet: string, mode: LinkMode]>([
    ['a packet of its own', 'pass'],
    ['one packet with the answer', 'coalesce'],
  ])('is not acknowledged when an operator cancels the wait and the warning comes in %s', async (_, mode) => {
    link.setMode(mode);
    const inserted = replica.eventLog.batchInsert([eventAtNoon()]);
    expect(await rejectionOfCancelled(inserted)).toMatchObject({ code: 'database_unavailable' });
    const marked = replica.prisma.transactionForJob(
      (prisma) => prisma.$executeRaw`INSERT INTO analytics_dau_pending (day) VALUES (${NOON_DAY}::date)`,
      RECOVERY_MS,
    );
    expect(await rejectionOfCancelled(marked)).toMatchObject({ code: 'database_unavailable' });
  });

  /** Cancels the wait of a commit for its standby. */
  async function rejectionOfCancelled(committed: Promise<unknown>): Promise<unknown> {
    committed.catch(() => undefined);
    const sql = await openSql(primary.ownerUrl);
    await waitFor(() =>
      sql.value("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"),
    );
    await sql.close();
    return rejectionOf(committed);
  }

  it('is acknowledged once an operator clears the name of the standby', async () => {
    const insert = (): Promise<unknown> => replica.eventLog.batchInsert([eventAtNoon()]);
    expect(await rejectionOf(insert())).toMatchObject({ kind: 'unavailable' });
    await waitForStandby(primary, null);
    try {
      expect(await waitFor(insert, RECOVERY_MS)).toEqual([true]);
    } finally {
      await standby.restart();
      await waitForStandby(primary, standbyName);
    }
  });
});
