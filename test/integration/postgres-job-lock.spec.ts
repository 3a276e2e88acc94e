import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { describeJobLock, hold, isFree } from '../support/contracts/job-lock/contract.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { waitFor } from '../support/processes.js';
import { gate } from '../support/deferred.js';
import { rejectionOf } from '../support/failures.js';
import { openReplica, type Replica } from '../support/persistence.js';
import { openSql, type Sql } from '../support/sql.js';

// These tests cut connections, whose warnings would hide other output.
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

describeJobLock('PostgreSQL', async () => ({
  open: () => [a.lock, b.lock],
  release: async () => {},
  close: async () => {},
}));

describe('PostgresJobLock', () => {
  it('is freed when the connection of its holder is cut, and the holder fails as unavailable', async () => {
    const held = await hold(a.lock, 'rollup');
    const cut = await owner.rows(
      `SELECT pg_terminate_backend(pid) FROM pg_locks
       WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = $1)`,
      [database.name],
    );
    expect(cut).toHaveLength(1);
    expect(await waitFor(() => isFree(b.lock, 'rollup'))).toBe(true);
    // The work goes on, and its end reports that another replica may have run meanwhile.
    expect(await rejectionOf(held.end())).toMatchObject({ code: 'database_unavailable' });
    expect(await isFree(a.lock, 'rollup')).toBe(true);
  });

  it('leaves connections for the work of all jobs that run at 01:00', async () => {
    const [rollup, yesterday] = [await hold(a.lock, 'rollup'), await hold(a.lock, 'yesterday')];
    const relaying = gate();
    const relay = a.prisma.transactionForJob(() => relaying.opened, 30_000);
    await Promise.all(
      ['2025-06-14', '2025-06-15', '2025-06-16', '2025-06-17'].map((day) => a.actives.count(day)),
    );
    relaying.open();
    await Promise.all([relay, rollup.end(), yesterday.end()]);
  });
});
