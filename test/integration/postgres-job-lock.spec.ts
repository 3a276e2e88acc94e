import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { waitFor } from '../support/processes.js';
import { gate, rejectionOf } from './support/failures.js';
import { openReplica, openSql, type Replica, type Sql } from './support/persistence.js';

// Connections are cut here; the warnings of it are of no interest.
Logger.overrideLogger(false);

let database: TestDatabase;
let owner: Sql;
let a: Replica;
let b: Replica;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await openSql(database.ownerUrl);
});

beforeEach(() => {
  a = openReplica(database.serviceUrl);
  b = openReplica(database.serviceUrl);
});

afterEach(() => Promise.all([a.close(), b.close()]));

afterAll(async () => {
  await owner.close();
  await database.drop();
});

/** Whether a replica can get the lock now. */
async function isFree(replica: Replica, name: string): Promise<boolean> {
  let ran = false;
  const got = await replica.lock.runExclusively(name, async () => {
    ran = true;
  });
  expect(ran).toBe(got);
  return got;
}

/** Runs work under the lock that lasts until `end`; resolves once it is under way. */
async function hold(
  replica: Replica,
  name: string,
): Promise<{ end(): Promise<boolean>; done: Promise<boolean> }> {
  const [started, ended] = [gate(), gate()];
  const done = replica.lock.runExclusively(name, () => {
    started.open();
    return ended.opened;
  });
  done.catch(() => undefined);
  await Promise.race([started.opened, done]);
  return {
    done,
    end: () => {
      ended.open();
      return done;
    },
  };
}

describe('a job lock', () => {
  it('lets one replica work at a time, and the next when it has finished', async () => {
    const held = await hold(a, 'rollup');
    expect(await isFree(b, 'rollup')).toBe(false);
    expect(await isFree(a, 'rollup')).toBe(false);
    expect(await held.end()).toBe(true);
    expect(await isFree(b, 'rollup')).toBe(true);
    expect(await isFree(a, 'rollup')).toBe(true);
  });

  it('is for one name', async () => {
    const held = await hold(a, 'rollup');
    expect(await isFree(b, 'yesterday')).toBe(true);
    await held.end();
  });

  it('is given to one of many who want it at once', async () => {
    const [started, ended] = [gate(), gate()];
    let running = 0;
    const attempts = Array.from({ length: 6 }, (_, i) =>
      [a, b][i % 2]!.lock.runExclusively('crowd', async () => {
        running++;
        started.open();
        await ended.opened;
      }),
    );
    await started.opened;
    // All the others have been refused by then; whoever works waits for the gate.
    await waitFor(async () => (await Promise.all(attempts.map(isSettled))).filter(Boolean).length === 5);
    expect(running).toBe(1);
    ended.open();
    expect((await Promise.all(attempts)).filter(Boolean)).toHaveLength(1);
    expect(running).toBe(1);
  });

  it('is given back when the work fails, and tells how it failed', async () => {
    const failure = new Error('the work failed');
    expect(await rejectionOf(a.lock.runExclusively('rollup', () => Promise.reject(failure)))).toBe(failure);
    expect(await isFree(b, 'rollup')).toBe(true);
  });

  it('is given back when the connection of its holder is cut', async () => {
    const held = await hold(a, 'rollup');
    const cut = await owner.rows(
      `SELECT pg_terminate_backend(pid) FROM pg_locks
       WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = $1)`,
      [database.name],
    );
    expect(cut).toHaveLength(1);
    expect(await waitFor(() => isFree(b, 'rollup'))).toBe(true);
    // The work itself goes on and its end tells that it was not alone.
    expect(await rejectionOf(held.end())).toMatchObject({ code: 'database_unavailable' });
    expect(await isFree(a, 'rollup')).toBe(true);
  });

  it('leaves enough connections for the work of all jobs that meet at 01:00', async () => {
    const [rollup, yesterday] = [await hold(a, 'rollup'), await hold(a, 'yesterday')];
    const relaying = gate();
    const relay = a.prisma.transactionForJob(() => relaying.opened, 30_000);
    await Promise.all(
      ['2025-06-14', '2025-06-15', '2025-06-16', '2025-06-17'].map((day) => a.actives.count(day)),
    );
    relaying.open();
    await Promise.all([relay, rollup.end(), yesterday.end()]);
  });
});

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}
