import { afterEach, describe, expect, it, jest } from '@jest/globals';

import type { ErasedRows, ErasureSubject } from '../../src/application/ports/identity-erasure.port.js';
import { BucketErasure } from '../../src/infrastructure/persistence/citus/bucket-erasure.js';
import { OneServerErasure } from '../../src/infrastructure/persistence/erasure/one-server-erasure.js';
import { eventLog, NOON } from '../support/builders.js';
import { clusterUrl } from '../support/citus/cluster.js';
import { countLockWaits } from '../support/citus/lock-waits.js';
import { FixedClock } from '../support/contracts/clock/fake.js';
import type { TestDatabase } from '../support/database.js';
import { openErasure, type Replica } from '../support/persistence.js';
import { waitFor } from '../support/processes.js';
import { refuseChanges } from '../support/refuse-changes.js';
import { RetentionStage } from '../support/retention/run.js';
import { openSql, type Sql } from '../support/sql.js';
import { useActives } from '../support/use-actives.js';

const DAY = '2025-06-10';
const NEXT = '2025-06-11';
const NOW = new Date('2025-06-15T04:00:00Z');
const USER: ErasureSubject = { kind: 'user', id: '42', identity: 'u:42' };

let database: TestDatabase;
let owner: Sql;
let replica: Replica;

useActives(1, ({ database: empty, owner: sql, replicas }) => {
  [database, owner] = [empty, sql];
  [replica] = replicas as [Replica];
});

const store = (...days: readonly string[]) =>
  replica.eventLog.batchInsert(days.map((day) => eventLog({ userId: '42', at: `${day}T12:00:00+08:00` })));

const build = (day: string) => replica.bits.build(day, () => NOW);

const erase = (waitForBuildsMs?: number, { signal } = new AbortController()): Promise<ErasedRows> =>
  openErasure(database.ownerUrl, waitForBuildsMs).erase(USER, { signal });

const entries = () => owner.rows<{ identity: string }>('SELECT identity FROM analytics_identities');

/** Builds days once more, as rollups do, and audits every figure of both. */
async function expectOnePerson(...builds: readonly string[]): Promise<void> {
  const stage = new RetentionStage(replica, new FixedClock(NOON));
  for (const day of builds) await build(day);
  for (const day of [DAY, NEXT])
    expect({ day, drift: await stage.auditBits(day) }).toEqual({ day, drift: [] });
  expect(await entries()).toEqual([{ identity: expect.stringMatching(/^e:/) as unknown }]);
}

interface HeldBuild {
  /** Waits until the work has ended, or waits for the build. */
  meets(work: Promise<unknown>): Promise<void>;
  /** Lets the build commit. */
  end(): Promise<void>;
}

let held: { readonly rows: Sql; readonly ended: Promise<unknown> } | null = null;

/** Begins a build that has written everything but the time of the day's build. */
async function holdBuild(day: string): Promise<HeldBuild> {
  const rows = await openSql(database.ownerUrl);
  await rows.rows('BEGIN');
  await rows.rows('INSERT INTO analytics_active_days (day, built_at) VALUES ($1::date, now())', [day]);
  held = { rows, ended: build(day) };
  await waitFor(async () => (await countLockWaits(owner)) === 1);
  return {
    meets: async (work) => {
      let isOver = false;
      const over = () => (isOver = true);
      void work.then(over, over);
      await waitFor(async () => isOver || (await countLockWaits(owner)) + (await countAdvisoryWaits()) > 1);
    },
    end: release,
  };
}

async function release(): Promise<void> {
  const { rows, ended } = held ?? {};
  held = null;
  await rows?.rows('ROLLBACK');
  await rows?.close();
  await ended;
}

const countAdvisoryWaits = async (): Promise<number> =>
  Number(
    await owner.value(
      `SELECT count(*)::int FROM pg_locks
       WHERE locktype = 'advisory' AND NOT granted
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    ),
  );

afterEach(async () => {
  await release();
  await owner.rows('DROP FUNCTION IF EXISTS refuse_change CASCADE');
});

describe('an erasure beside a build', () => {
  it('counts a user without a number once, and leaves no name', async () => {
    await store(DAY, NEXT);
    const building = await holdBuild(DAY);
    const erased = erase();
    await building.meets(erased);
    await building.end();
    expect(await erased).toMatchObject({ events: 2, activeDays: 2, failure: null });
    await expectOnePerson(DAY, NEXT);
  });

  it('counts a user as new once, whom the build finds on an earlier day', async () => {
    await store(NEXT);
    await build(NEXT);
    await store(DAY);
    const building = await holdBuild(DAY);
    const erased = erase();
    await building.meets(erased);
    await building.end();
    expect(await erased).toMatchObject({ events: 2, activeDays: 2, wasInDictionary: true, failure: null });
    // A build of the other day would move the first day once more, and hide a wrong one.
    await expectOnePerson(NEXT);
  });

  it('looks again at a day that was stored and built after it had looked', async () => {
    await store(DAY);
    const tables = owner.isDistributed ? BucketErasure.prototype : OneServerErasure.prototype;
    const find = tables.findActiveDays;
    const looking = jest.spyOn(tables, 'findActiveDays').mockImplementationOnce(async function (
      this: BucketErasure & OneServerErasure,
      days,
    ) {
      const found = await find.call(this, days);
      await store(NEXT);
      await build(NEXT);
      return found;
    });
    const erased = await erase();
    looking.mockRestore();
    expect(erased).toMatchObject({ events: 2, activeDays: 2, wasInDictionary: true, failure: null });
    await expectOnePerson(DAY, NEXT);
  });

  it('changes nothing when it is interrupted while the sets are renamed', async () => {
    await store(DAY, NEXT);
    const building = await holdBuild(DAY);
    const interruption = new AbortController();
    const erased = erase(undefined, interruption);
    await building.meets(erased);
    interruption.abort();
    await building.end();
    expect(await erased).toMatchObject({ events: 0, activeDays: 0, isInterrupted: true, failure: null });
    expect(await entries()).toEqual([{ identity: 'u:42' }]);
    expect(await erase()).toMatchObject({ events: 2, activeDays: 2, failure: null });
    await expectOnePerson(DAY, NEXT);
  });

  it('ends when the build takes too long, says who holds it up, and has changed nothing', async () => {
    await store(DAY);
    const building = await holdBuild(DAY);
    const [build] = await owner.rows<{ pid: number }>(
      `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    const { failure, ...counts } = await erase(1);
    expect(failure).toMatchObject({
      code: 'builds_busy',
      message: expect.stringMatching(
        new RegExp(`by process ${build?.pid} of the database server.*again`),
      ) as unknown,
    });
    expect(counts).toMatchObject({ events: 0, activeDays: 0, wasInDictionary: false });
    await building.end();
    expect(await entries()).toEqual([{ identity: 'u:42' }]);
    expect(await erase()).toMatchObject({ events: 1, activeDays: 1, wasInDictionary: true, failure: null });
  });
});

describe('an erasure that ended between its steps', () => {
  it('leaves one name, so that a late event of an earlier day moves the first day', async () => {
    await store(NEXT);
    await build(NEXT);
    const allow = await refuseChanges(owner, 'UPDATE OR DELETE', 'analytics_identities');
    const { failure, ...counts } = await erase();
    await allow();
    await store(DAY);
    await build(DAY);
    expect((await erase()).failure).toBeNull();
    await expectOnePerson(NEXT);
    expect(failure?.message).toContain('broken');
    expect(counts).toMatchObject({ events: 0, activeDays: 0, wasInDictionary: false });
  });

  it('leaves one person of the days that it reached and of those that it did not', async () => {
    await store(DAY, NEXT);
    const allow = await refuseChanges(owner, 'UPDATE', 'analytics_daily_actives_p20250611');
    const { failure } = await erase();
    await allow();
    expect((await erase()).failure).toBeNull();
    await expectOnePerson(DAY, NEXT);
    expect(failure?.message).toContain('broken');
  });
});

/** Lets an erasure fail inside its transaction, and returns what an expression is there. */
async function readInside(expression: string): Promise<string | undefined> {
  await owner.rows(
    `CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
     $$BEGIN RAISE EXCEPTION 'inside: %', ${expression}; END$$`,
  );
  await owner.rows(
    `CREATE TRIGGER broken BEFORE INSERT ON analytics_erased_actives
     FOR EACH ROW EXECUTE FUNCTION public.refuse_change()`,
  );
  const { failure } = await erase();
  await owner.rows('DROP FUNCTION refuse_change CASCADE');
  return /inside: (.*)/.exec(failure?.message ?? '')?.[1];
}

describe('the transaction of an erasure', () => {
  it('ends with its session when the process of the command stands still', async () => {
    await store(DAY);
    expect(await readInside("current_setting('idle_in_transaction_session_timeout')")).toBe('1min');
  });

  // The coordinator of a cluster has locks of its own on all partitions.
  (clusterUrl() === null ? it : it.skip)('has no locks of days without the user', async () => {
    const locks = `(SELECT count(*) FROM pg_locks JOIN pg_class ON pg_class.oid = relation
       WHERE pid = pg_backend_pid() AND relname ~ '^analytics_daily_actives_')`;
    await store(DAY);
    const ofOneDay = Number(await readInside(locks));
    await replica.eventLog.ensureDays('2025-07-01', '2025-08-09');
    expect(ofOneDay).toBeGreaterThan(0);
    expect(Number(await readInside(locks))).toBe(ofOneDay);
  });
});

describe('an erasure before the first build', () => {
  it('leaves one person of all days', async () => {
    await store(DAY, NEXT);
    expect(await erase()).toMatchObject({ events: 2, activeDays: 2, wasInDictionary: false, failure: null });
    await expectOnePerson(DAY, NEXT);
  });
});
