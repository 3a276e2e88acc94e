import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import type { EventLog } from '../../src/domain/entities/event-log.entity.js';
import type { InsertOutcome } from '../../src/domain/repositories/event-log.repository.interface.js';
import { createTestDatabase, prepareServer, type TestDatabase } from '../support/database.js';
import { startPostgresServer, type PostgresServer } from '../support/postgres.js';
import { waitFor } from '../support/processes.js';
import { eventAtNoon, NOON_DAY } from '../support/builders.js';
import { expectUnavailable, rejectionOf } from '../support/failures.js';
import { openReplica, type Replica } from '../support/persistence.js';
import { openSql } from '../support/sql.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);

let server: PostgresServer;
let database: TestDatabase;
let replica: Replica;

beforeAll(async () => {
  // The server syncs to disk as in production, since answered events must survive its crash.
  server = await startPostgresServer({ settings: { synchronous_commit: 'on' } });
  await prepareServer(server.ownerUrl);
  database = await createTestDatabase(server.ownerUrl);
});

beforeEach(async () => {
  replica = openReplica(database.serviceUrl);
  // These calls leave open, idle connections for the fault to hit.
  await Promise.all([1, 2, 3].map(() => replica.eventLog.batchInsert([eventAtNoon()])));
  await replica.actives.count(NOON_DAY);
});

afterEach(() => replica.close());

afterAll(async () => {
  await server.stop();
});

const HOUR = { start: new Date('2025-06-15T00:00:00Z'), end: new Date('2025-06-15T01:00:00Z') };

/** Returns each call to the database that a request can make. */
async function expectAllUnavailable(): Promise<void> {
  await Promise.all(
    [
      () => replica.eventLog.batchInsert([eventAtNoon()]),
      () => replica.eventLog.batchInsert([eventAtNoon({ at: '2025-05-01T00:00:00Z' })]),
      () => replica.actives.countNow(NOON_DAY),
      () => replica.stats.findByDateRange(NOON_DAY, NOON_DAY),
      () => replica.snapshots.findHistory(HOUR, '1m'),
    ].map((work) => expectUnavailable('database_unavailable', work)),
  );
}

/** Retries until the call succeeds, as a client does. */
async function sendUntilAnswered(events: readonly EventLog[]): Promise<InsertOutcome[]> {
  return waitFor(() => replica.eventLog.batchInsert(events), 15_000);
}

async function isThere({ eventId }: EventLog): Promise<boolean> {
  const sql = await openSql(database.ownerUrl);
  try {
    return (
      (await sql.value('SELECT count(*)::int FROM analytics_event_log WHERE event_id = $1', [
        eventId.value,
      ])) === 1
    );
  } finally {
    await sql.close();
  }
}

describe('PostgreSQL', () => {
  it('that is killed fails requests fast, loses no accepted event and works again after its restart', async () => {
    const before = eventAtNoon();
    expect(await replica.eventLog.batchInsert([before])).toEqual([true]);
    await server.kill();
    await expectAllUnavailable();
    await expectAllUnavailable();
    const during = eventAtNoon();
    await expectUnavailable('database_unavailable', () => replica.eventLog.batchInsert([during]));
    await server.restart();
    expect(await sendUntilAnswered([before, during])).toEqual([false, true]);
    expect(await replica.actives.countNow(NOON_DAY)).toEqual(await replica.eventLog.queryDau(NOON_DAY));
  });

  it('that freezes fails requests fast, builds up no queue and works again when it resumes', async () => {
    const during = eventAtNoon();
    const crowd = Array.from({ length: 40 }, () => Array.from({ length: 400 }, () => eventAtNoon()));
    const frozen = await freeze();
    try {
      await Promise.all([
        expectAllUnavailable(),
        ...[[during], ...crowd].map((batch) =>
          expectUnavailable('database_unavailable', () => replica.eventLog.batchInsert(batch)),
        ),
      ]);
      await expectUnavailable('database_unavailable', () => replica.eventLog.batchInsert([during]));
    } finally {
      frozen.goOn();
    }
    // The server may have stored the event after it resumed, but no more than once.
    expect(await sendUntilAnswered([during, eventAtNoon()])).toEqual([expect.any(Boolean), true]);
    expect(await isThere(during)).toBe(true);
    expect((await replica.actives.countNow(NOON_DAY)).total).toBeGreaterThan(0);
  });

  it('that is shut down fails requests fast and works again after its restart', async () => {
    await server.shutDown();
    await expectAllUnavailable();
    await server.restart();
    expect(await sendUntilAnswered([eventAtNoon()])).toEqual([true]);
    expect(await replica.stats.findByDateRange(NOON_DAY, NOON_DAY)).toEqual([]);
    expect((await replica.actives.count(NOON_DAY)).total).toBeGreaterThan(0);
  });

  it('that starts after the service is used once it is available', async () => {
    await server.shutDown();
    const early = openReplica(database.serviceUrl);
    try {
      await expectUnavailable('database_unavailable', () => early.eventLog.batchInsert([eventAtNoon()]));
      await server.restart();
      expect(await waitFor(() => early.eventLog.batchInsert([eventAtNoon()]))).toEqual([true]);
    } finally {
      await early.close();
    }
  });
});

describe('a single statement', () => {
  it('whose connection is cut is repeated by the next attempt', async () => {
    const event = eventAtNoon();
    const blocker = await blockOutbox();
    try {
      const attempt = replica.eventLog.batchInsert([event]);
      attempt.catch(() => undefined);
      await waitFor(() => blocker.cutWaiting());
      expect(await rejectionOf(attempt)).toMatchObject({ code: 'database_unavailable' });
    } finally {
      await blocker.release();
    }
    expect(await isThere(event)).toBe(false);
    expect(await sendUntilAnswered([event])).toEqual([true]);
  });

  it('that takes too long fails its request fast and stores nothing', async () => {
    const event = eventAtNoon();
    const blocker = await blockOutbox();
    const started = performance.now();
    try {
      expect(await rejectionOf(replica.eventLog.batchInsert([event]))).toMatchObject({
        code: 'database_too_slow',
        kind: 'unavailable',
      });
      expect(performance.now() - started).toBeLessThan(2_000);
    } finally {
      await blocker.release();
    }
    expect(await isThere(event)).toBe(false);
    expect(await replica.eventLog.batchInsert([event])).toEqual([true]);
  });
});

/** Freezes the server with all its backends, as a machine that hangs does. */
async function freeze(): Promise<{ goOn(): void }> {
  const sql = await openSql(database.ownerUrl);
  const rows = await sql.rows<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
  );
  await sql.close();
  const pids = [server.pid, ...rows.map(({ pid }) => pid)];
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  return {
    goOn: () => {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    },
  };
}

/** Blocks every flush that contains a session. */
async function blockOutbox(): Promise<{ cutWaiting(): Promise<boolean>; release(): Promise<void> }> {
  const sql = await openSql(database.ownerUrl);
  await sql.rows('BEGIN');
  await sql.rows('LOCK TABLE analytics_outbox IN SHARE MODE');
  return {
    cutWaiting: async () =>
      (
        await sql.rows(
          `SELECT pg_terminate_backend(pid) FROM pg_locks
           WHERE relation = 'analytics_outbox'::regclass AND NOT granted`,
        )
      ).length > 0,
    release: async () => {
      await sql.rows('ROLLBACK');
      await sql.close();
    },
  };
}
