import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { IActiveBitsRepository } from '../../src/domain/repositories/active-bits.repository.interface.js';
import { PlaceFilter } from '../../src/domain/value-objects/place-filter.vo.js';
import { placeNames } from '../../src/domain/value-objects/place-names.vo.js';
import { addActives } from '../../src/infrastructure/persistence/actives/add-actives.js';
import { LOCK_BUILDS_SQL } from '../../src/infrastructure/persistence/actives/builds-lock.js';
import { ActiveBitsCitusRepository } from '../../src/infrastructure/persistence/citus/active-bits-citus.repository.js';
import { addBucketActives } from '../../src/infrastructure/persistence/citus/add-bucket-actives.js';
import { bucketOf as bucketOfEvents } from '../../src/infrastructure/persistence/citus/buckets.js';
import type { LongSession } from '../../src/infrastructure/persistence/prisma/long-statement.js';
import { ActiveBitsRepositoryImpl } from '../../src/infrastructure/persistence/repositories/active-bits.repository.impl.js';
import { eventLog, later, MINUTE_MS, NOON, NOON_DAY } from '../support/builders.js';
import { bucketsOf, isDistributed } from '../support/citus/tables.js';
import { FixedClock } from '../support/contracts/clock/fake.js';
import type { TestDatabase } from '../support/database.js';
import { openErasure, type Replica } from '../support/persistence.js';
import { waitFor } from '../support/processes.js';
import { RetentionStage } from '../support/retention/run.js';
import { seedMark } from '../support/seed.js';
import type { Sql } from '../support/sql.js';
import { useActives } from '../support/use-actives.js';

const DAY = '2025-06-10';
const NEXT = '2025-06-11';
const guangdong = PlaceFilter.of({ province: '广东省' }, placeNames('as-sent'));
const NOW = new Date('2025-06-15T04:00:00Z');

let database: TestDatabase;
let owner: Sql;
let replica: Replica;
let other: Replica;

useActives(2, ({ database: empty, owner: sql, replicas }) => {
  [database, owner] = [empty, sql];
  [replica, other] = replicas as [Replica, Replica];
});

const seen = (userId: number, day: string, properties: object = {}) =>
  eventLog({ userId: String(userId), at: `${day}T12:00:00+08:00`, properties });

const users = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);

const nodeOf = (userId: number): number => bucketOfEvents(`u:${userId}`);

/** Returns what an audit of the day says of its bits. */
const audit = (day: string): Promise<readonly string[]> =>
  new RetentionStage(replica, new FixedClock(NOON)).auditBits(day);

describe('two replicas that build at the same moment', () => {
  it('give every identity one id of its bucket, and the first of its days', async () => {
    const days = [DAY, NEXT, '2025-06-12', '2025-06-13'];
    await replica.eventLog.batchInsert(
      days.flatMap((day, n) => users(1 + 50 * n, 201 + 50 * n).map((id) => seen(id, day))),
    );
    const builds = [...days.toReversed(), DAY, NEXT].map((day, n) =>
      (n % 2 === 0 ? replica : other).bits.build(day, () => NOW),
    );
    expect((await Promise.all(builds)).map(({ total }) => total)).toEqual(builds.map(() => 200));
    const buckets = await owner.rows<{ ids: number; distinct: number; last: number; next: number }>(
      `SELECT count(*)::int AS ids, count(DISTINCT id)::int AS distinct, max(id) AS last, max(next_id) AS next
       FROM analytics_identities JOIN analytics_identity_counters USING (bucket) GROUP BY bucket`,
    );
    for (const { ids, distinct, last, next } of buckets) {
      expect(distinct).toBe(ids);
      expect(last).toBeLessThan(next);
    }
    expect(buckets.reduce((sum, { ids }) => sum + ids, 0)).toBe(350);
    for (const day of days) expect(await audit(day)).toEqual([]);
  });
});

describe('a build that waits for another one', () => {
  it('reads the clock after the wait, so that its count is as old as it says', async () => {
    await replica.eventLog.batchInsert([seen(1, DAY)]);
    const clock = new FixedClock(NOW);
    const held = `SELECT pg_advisory_xact_lock(hashtextextended('analytics:active-bits', 0))`;
    await owner.rows('BEGIN');
    await owner.rows(held);
    const building = replica.bits.build(DAY, () => clock.now());
    const waiting = `SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    await waitFor(async () => (await owner.value(waiting)) === 1);
    clock.advance(20 * MINUTE_MS);
    await owner.rows('COMMIT');
    expect(await building).toMatchObject({ total: 1, countedAt: later(NOW, 20 * MINUTE_MS) });
  });
});

describe('a build that waits too long', () => {
  let limit: unknown;
  const impatient = (): IActiveBitsRepository => {
    const Bits = owner.isDistributed ? ActiveBitsCitusRepository : ActiveBitsRepositoryImpl;
    class Impatient extends Bits {
      protected override readonly waitForBuildsMs = 1;

      protected override async setMemory(session: LongSession): Promise<void> {
        limit = await session.run('SHOW lock_timeout');
        return super.setMemory(session);
      }
    }
    return new Impatient(replica.prisma);
  };

  it.each([
    ['of a day', (bits: IActiveBitsRepository) => bits.build(DAY, () => NOW)],
    ['of an audit', (bits: IActiveBitsRepository) => bits.compareWithSet(DAY)],
    ['of a week', (bits: IActiveBitsRepository) => bits.uniteWeek('2025-06-09')],
  ])('%s says who holds it up, and bounds no other wait', async (_, work) => {
    const bits = impatient();
    limit = null;
    await owner.rows('BEGIN');
    try {
      await owner.rows(LOCK_BUILDS_SQL);
      const pid = Number(await owner.value('SELECT pg_backend_pid()'));
      await expect(work(bits)).rejects.toMatchObject({
        code: 'builds_busy',
        message: expect.stringContaining(`pg_terminate_backend(${pid})`) as unknown,
      });
    } finally {
      await owner.rows('ROLLBACK');
    }
    expect(limit).toBeNull();
    await work(bits);
    expect(limit).toEqual([{ lock_timeout: '0' }]);
  });
});

describe('the ids of identities', () => {
  it('are not used again after an erasure', async () => {
    await replica.eventLog.batchInsert(users(1, 400).map((id) => seen(id, DAY)));
    await replica.bits.build(DAY, () => NOW);
    const idsSql = "SELECT bucket || '/' || id AS id FROM analytics_identities WHERE identity = ANY ($1)";
    const erased = users(1, 400).map((id) => `u:${id}`);
    const before = await owner.rows<{ id: string }>(idsSql, [erased]);
    await owner.rows('DELETE FROM analytics_identities');
    await replica.eventLog.batchInsert(users(1, 400).map((id) => seen(id, NEXT)));
    await replica.bits.build(NEXT, () => NOW);
    const after = await owner.rows<{ id: string }>(idsSql, [erased]);
    expect(after).toHaveLength(399);
    expect(after.filter(({ id }) => before.some((each) => each.id === id))).toEqual([]);
  });

  it('are neighbours for identities of a city, or else of a province, also when they come on many days', async () => {
    const places = [
      { city: '深圳市', province: '广东省' },
      { city: '广州市', province: '广东省' },
      { province: '浙江省' },
      {},
    ];
    const days = [DAY, NEXT, '2025-06-12', '2025-06-13'];
    for (const [n, day] of days.entries()) {
      await replica.eventLog.batchInsert(
        users(1 + 1200 * n, 1201 + 1200 * n).map((id) => seen(id, day, places[id % 4])),
      );
      await (n % 2 === 0 ? replica : other).bits.build(day, () => NOW);
    }
    const blocks = await owner.rows<{ places: number; used: number }>(
      `SELECT count(DISTINCT substr(identity, 3)::int % 4)::int AS places, count(*)::int AS used
       FROM analytics_identities GROUP BY bucket, id / 128`,
    );
    expect(blocks.filter(({ places }) => places > 1)).toEqual([]);
    // 300 identities a place and day: 75 a bucket in all, so one block holds each.
    expect(blocks).toHaveLength(64);
    expect(blocks.reduce((sum, { used }) => sum + used, 0)).toBe(4800);
    for (const day of days) expect(await audit(day)).toEqual([]);
  });

  it('fill up what a block has left before they take another', async () => {
    for (const [n, day] of [DAY, NEXT, '2025-06-12'].entries()) {
      await replica.eventLog.batchInsert(users(1 + 3000 * n, 3001 + 3000 * n).map((id) => seen(id, day)));
      await replica.bits.build(day, () => NOW);
    }
    const buckets = await owner.rows<{ ids: number; last: number }>(
      'SELECT count(DISTINCT id)::int AS ids, max(id) AS last FROM analytics_identities GROUP BY bucket',
    );
    expect(buckets.map(({ last }) => last)).toEqual(buckets.map(({ ids }) => ids - 1));
  });
});

describe('a build', () => {
  it('fills several chunks of a bucket', async () => {
    await owner.rows(
      `INSERT INTO analytics_identity_counters (bucket, next_id)
       SELECT bucket, 15872 * n - 130 FROM unnest($1::smallint[]) WITH ORDINALITY AS b (bucket, n)`,
      [bucketsOf(database.ownerUrl)],
    );
    const cities = ['深圳市', '广州市'];
    await replica.eventLog.batchInsert(
      users(1, 301).map((id) => seen(id, DAY, { province: '广东省', city: cities[id % 2] })),
    );
    expect(await replica.bits.build(DAY, () => NOW)).toMatchObject({
      total: 300,
      byProvince: new Map([['广东省', 300]]),
    });
    expect(await owner.value('SELECT count(DISTINCT (bucket, chunk))::int FROM analytics_active_bits')).toBe(
      32,
    );
    expect(await replica.spans.countSpans([{ first: DAY, last: DAY }], null)).toEqual([
      { activeCount: 300, newCount: 300 },
    ]);
    expect(await replica.spans.countSpans([{ first: DAY, last: DAY }], guangdong)).toEqual([
      { activeCount: 300, newCount: 300 },
    ]);
    expect(await audit(DAY)).toEqual([]);
  });

  it.each([
    ['in one read', 1_000_000, 1_000_000, 1_000],
    ['in some reads', 100, 1_000_000, 7],
    ['in a read for each bucket, and a name a statement', 1, 1, 1],
  ])('adds everybody %s, the known and the new', async (_, rowsARead, namesAStatement, rowsAWrite) => {
    const limits = { rowsARead, namesAStatement, rowsAWrite };
    const places = [{ province: '广东省', city: '深圳市' }, { province: '浙江省' }, {}];
    await replica.eventLog.batchInsert([
      ...users(1, 41).map((id) => seen(id, DAY, places[id % 3])),
      ...users(21, 91).map((id) => seen(id, NEXT, places[(id + 1) % 3])),
    ]);
    for (const day of [NEXT, DAY, NEXT])
      await replica.prisma.longTransactionForJob(async (session) => {
        await (isDistributed(database.ownerUrl) ? addBucketActives : addActives)(session, day, limits);
        await session.run('INSERT INTO analytics_active_days VALUES ($1, now()) ON CONFLICT DO NOTHING', day);
      });
    await owner.rows('DELETE FROM analytics_dau_pending');
    expect([await audit(DAY), await audit(NEXT)]).toEqual([[], []]);
    expect(await replica.spans.countSpans([{ first: DAY, last: NEXT }], null)).toEqual([
      { activeCount: 90, newCount: 90 },
    ]);
    expect(await replica.bits.build(NEXT, () => NOW)).toMatchObject({ total: 70 });
  });

  it('that fails leaves nothing behind', async () => {
    await replica.eventLog.batchInsert(users(1, 50).map((id) => seen(id, DAY)));
    await owner.rows('ALTER TABLE analytics_active_days ADD CONSTRAINT broken CHECK (day > now()) NOT VALID');
    await expect(replica.bits.build(DAY, () => NOW)).rejects.toThrow();
    await owner.rows('ALTER TABLE analytics_active_days DROP CONSTRAINT broken');
    for (const table of [
      'analytics_identities',
      'analytics_active_bits',
      'analytics_identity_counters',
      'analytics_identity_blocks',
    ]) {
      expect(await owner.value(`SELECT count(*)::int FROM ${table}`)).toBe(0);
    }
    expect(await other.bits.build(DAY, () => NOW)).toMatchObject({ total: 49 });
  });

  it('of an unchanged day writes no bits', async () => {
    await replica.eventLog.batchInsert(users(1, 50).map((id) => seen(id, DAY, { city: '深圳市' })));
    await replica.bits.build(DAY, () => NOW);
    const versions = (): Promise<unknown> =>
      owner.rows(
        `SELECT xmin::text FROM analytics_active_bits UNION ALL SELECT xmin::text FROM analytics_place_actives ORDER BY 1`,
      );
    const before = await versions();
    await replica.bits.build(DAY, () => NOW);
    expect(await versions()).toEqual(before);
  });

  it('returns the marks of actives that it has read, and no others', async () => {
    await replica.eventLog.batchInsert([seen(1, DAY)]);
    await seedMark(owner, NEXT);
    const { marks } = await replica.bits.build(DAY, () => NOW);
    const stored = await owner.rows<{ id: string }>(
      'SELECT id FROM analytics_dau_pending WHERE day = $1::date',
      [DAY],
    );
    expect(marks).toEqual(stored.map(({ id }) => BigInt(id)));
    expect(marks).toHaveLength(1);
  });
});

describe('a day', () => {
  const settled = (day: string): Promise<unknown> =>
    owner.value('SELECT analytics_actives_settled($1::date)', [day]);
  const settle = (day: string): Promise<unknown> =>
    owner.rows('DELETE FROM analytics_dau_pending WHERE day = $1::date', [day]);

  it('is settled when it was built after it became final and has no mark', async () => {
    await replica.eventLog.batchInsert([seen(1, DAY)]);
    await replica.bits.build(DAY, () => new Date(`${NEXT}T00:59:59.999+08:00`));
    await settle(DAY);
    expect([await settled(DAY), (await replica.spans.readBuilds(NEXT)).firstUnsettledDay]).toEqual([
      false,
      DAY,
    ]);
    await replica.bits.build(DAY, () => new Date(`${NEXT}T01:00:00.000+08:00`));
    expect([await settled(DAY), (await replica.spans.readBuilds(NEXT)).firstUnsettledDay]).toEqual([
      true,
      null,
    ]);
    await replica.eventLog.batchInsert([seen(2, DAY)]);
    expect([await settled(DAY), (await replica.spans.readBuilds(NEXT)).firstUnsettledDay]).toEqual([
      false,
      DAY,
    ]);
  });

  it('tells when it or an earlier one was last built', async () => {
    const lastBuiltAt = async (day: string) => (await replica.spans.readBuilds(day)).lastBuiltAt;
    expect(await lastBuiltAt(NEXT)).toBeNull();
    await replica.eventLog.batchInsert([seen(1, DAY), seen(1, NEXT)]);
    const [first, second] = [new Date(`${NEXT}T01:00:00.123+08:00`), new Date(`${NEXT}T02:00:00.456+08:00`)];
    await replica.bits.build(NEXT, () => second);
    await replica.bits.build(DAY, () => first);
    expect([await lastBuiltAt(DAY), await lastBuiltAt(NEXT)]).toEqual([first, second]);
  });

  it('with figures from before there were bits is found, oldest first', async () => {
    await owner.rows(
      `INSERT INTO analytics_daily_active_users (day, dau_count, calculated_at)
       VALUES ('2025-06-12', 1, now()), ('2018-11-01', 1, now()), ($1, 1, now())`,
      [NOON_DAY],
    );
    expect(await replica.bits.findUnbuiltDays(NOON_DAY, 10)).toEqual(['2018-11-01', '2025-06-12']);
    expect(await replica.bits.findUnbuiltDays(NOON_DAY, 1)).toEqual(['2018-11-01']);
    await replica.bits.build('2018-11-01', () => NOW);
    expect(await replica.bits.findUnbuiltDays(NOON_DAY, 10)).toEqual(['2025-06-12']);
    expect((await replica.spans.readBuilds(NEXT)).firstUnsettledDay).toBe('2025-06-12');
  });
});

describe('the audit', () => {
  beforeEach(async () => {
    await replica.eventLog.batchInsert([
      ...users(1, 40).map((id) => seen(id, DAY, { province: '广东省' })),
      ...users(20, 60).map((id) => seen(id, NEXT)),
    ]);
    for (const day of [NEXT, DAY]) await replica.bits.build(day, () => NOW);
    await owner.rows('DELETE FROM analytics_dau_pending');
  });

  const setBit = async (day: string, kind: number, bit: 0 | 1): Promise<void> => {
    const [entry] = await owner.rows("SELECT id, bucket FROM analytics_identities WHERE identity = 'u:30'");
    await owner.rows(
      `UPDATE analytics_active_bits SET bits = set_bit(bits, $3::int, $4::int)
       WHERE day = $1 AND kind = $2 AND bucket = $5`,
      [day, kind, entry?.['id'], bit, entry?.['bucket']],
    );
  };

  it('finds no drift after builds in any order', async () => {
    expect([await audit(DAY), await audit(NEXT), await audit('2025-06-12')]).toEqual([[], [], []]);
  });

  /** A user of the first day, and one of the second day alone, whose rows are on one node of a cluster. */
  const ofOneBucket = users(40, 60)
    .map((other) => [users(1, 20).find((id) => nodeOf(id) === nodeOf(other)), other])
    .find(([id]) => id !== undefined)
    ?.map((id) => `u:${id}`);

  const inGuangdong = (count: number) =>
    `places: ${count} identities of the active set are missing in province "广东省"`;

  const notInLog =
    'new users: 1 have this first day in the dictionary and no event of it in the log, or an earlier one';
  const notInDictionary = 'new users: 1 have this first day in the log and another one in the dictionary';

  it.each([
    [
      'a missing bit',
      () => setBit(DAY, 0, 0),
      DAY,
      [
        'bits: 1 identities of the log have no bit',
        'bits: 1 identities of the active set have no bit',
        'new users: 1 are counted as new and had an earlier day, or not this one',
      ],
    ],
    [
      'a surplus bit',
      () => owner.rows("DELETE FROM analytics_event_log WHERE user_id = 30 AND event_time < '2025-06-11'"),
      DAY,
      [
        'bits: 1 bits belong to identities that are not in the log of the day',
        'places: bits say 39 in province "广东省", the log 38',
        notInLog,
      ],
    ],
    [
      'a new user who is not',
      () => setBit(NEXT, 1, 1),
      NEXT,
      [
        'new users: 1 bits contradict the first day of their identity',
        'new users: 1 are counted as new and had an earlier day, or not this one',
      ],
    ],
    [
      'a new user who is not counted as one',
      () => setBit(DAY, 1, 0),
      DAY,
      [
        'new users: 1 bits contradict the first day of their identity',
        'new users: 1 had no earlier day and are not counted as new',
      ],
    ],
    [
      'a later first day in the dictionary',
      () => owner.rows(`UPDATE analytics_identities SET first_day = '${NEXT}' WHERE identity = 'u:30'`),
      DAY,
      [
        'new users: 1 identities of the log have a later first day',
        'new users: 1 bits contradict the first day of their identity',
        notInDictionary,
      ],
    ],
    [
      'an earlier first day in the dictionary',
      () => owner.rows("UPDATE analytics_identities SET first_day = '2025-06-01' WHERE identity = 'u:30'"),
      DAY,
      ['new users: 1 bits contradict the first day of their identity'],
    ],
    [
      'a place that lost its actives',
      () => owner.rows('DELETE FROM analytics_place_actives'),
      DAY,
      ['places: bits say 0 in province "广东省", the log 39', inGuangdong(39)],
    ],
    [
      'a place with others than those of the active set',
      () =>
        owner.rows(
          'UPDATE analytics_daily_actives SET identity = $2 WHERE identity = $1 AND level = 1',
          ofOneBucket,
        ),
      DAY,
      [inGuangdong(1)],
    ],
  ])('reports %s', async (_, damage, day, expected) => {
    await owner.rows("SET session_replication_role = 'replica'");
    await damage();
    await owner.rows("SET session_replication_role = 'origin'");
    expect(await audit(day)).toEqual(expected);
  });

  describe('of a day without log and active set', () => {
    const DROP = ['analytics_event_log', 'analytics_daily_actives']
      .map((table) => `${table}_p20250610`)
      .join(', ');

    beforeEach(async () => {
      await owner.rows(
        `INSERT INTO analytics_daily_active_users (day, dau_count, dau_by_province, calculated_at)
         VALUES ('${DAY}', 39, '{"广东省": 39}', $1)`,
        [NOW],
      );
      await owner.rows(`DROP TABLE ${DROP}`);
      await owner.rows(`SELECT analytics_ensure_partitions('${DAY}', '${DAY}')`);
    });
    afterEach(async () => {
      await owner.rows('DELETE FROM analytics_dropped_days');
    });

    it('finds no drift in what is left, and none after more has come', async () => {
      expect([await audit(DAY), await audit(NEXT)]).toEqual([[], []]);
      await other.eventLog.batchInsert([seen(30, DAY), seen(70, DAY)]);
      expect(await audit(DAY)).toEqual([]);
    });

    it.each([
      [
        'stored figures that the bits do not have',
        'UPDATE analytics_daily_active_users SET dau_count = 41, dau_by_province = \'{"广东省": 40}\'',
        [
          'stored stats says 41 in all, the bits 39',
          'stored stats says 40 in province "广东省", the bits 39',
        ],
      ],
      [
        'a lost place',
        'DELETE FROM analytics_place_actives',
        ['stored stats says 39 in province "广东省", the bits 0'],
      ],
      [
        'lost bits of active and of new users',
        `DELETE FROM analytics_active_bits WHERE day = '${DAY}'`,
        ['new users: % bits contradict', 'stored stats says 39 in all, the bits 0'],
      ],
      [
        'a wrong first day',
        "UPDATE analytics_identities SET first_day = '2025-06-01' WHERE identity = 'u:5'",
        ['new users: 1 bits contradict the first day of their identity'],
      ],
    ])('reports %s', async (_, damage, expected) => {
      await owner.rows(damage);
      const found = (await audit(DAY)).map((sentence) => sentence.replace(/39 (bits contradict).*/, '% $1'));
      expect(found).toEqual(expected);
    });

    it('reports a user of a later day whose first day is lost', async () => {
      await owner.rows(`DELETE FROM analytics_active_bits WHERE day = '${DAY}'`);
      expect(await audit(NEXT)).toEqual(['new users: 20 had no earlier day and are not counted as new']);
    });

    it('reports an import that the bits have lost', async () => {
      await other.eventLog.batchInsert([seen(70, DAY)]);
      await replica.bits.build(DAY, () => NOW);
      await owner.rows('DELETE FROM analytics_dau_pending');
      await owner.rows(
        `UPDATE analytics_active_bits SET bits = set_bit(bits, i.id, 0) FROM analytics_identities i
         WHERE i.identity = 'u:70' AND i.bucket = analytics_active_bits.bucket AND day = '${DAY}'`,
      );
      expect(await audit(DAY)).toEqual([
        'bits: 1 identities of the log have no bit',
        'new users: 1 bits contradict the first day of their identity',
        'bits: 1 identities of the active set have no bit',
      ]);
    });
  });

  it('tolerates bits that lag behind the log of a day that is not settled', async () => {
    await replica.eventLog.batchInsert([seen(99, DAY, { province: '浙江省' })]);
    expect(await audit(DAY)).toEqual([]);
  });

  const erase = (id: string): Promise<unknown> =>
    openErasure(database.ownerUrl).erase(
      { kind: 'user', id, identity: `u:${id}` },
      { signal: new AbortController().signal },
    );

  it.each([
    ['with its active sets', () => Promise.resolve()],
    [
      'without active sets',
      () => owner.rows('DROP TABLE analytics_daily_actives_p20250610, analytics_daily_actives_p20250611'),
    ],
  ])('accounts for the bits of an erased user %s, also after a return', async (_, prepare) => {
    await prepare();
    for (const id of ['30', '5', '55']) await erase(id);
    expect([await audit(DAY), await audit(NEXT)]).toEqual([[], []]);
    await replica.eventLog.batchInsert([seen(30, NEXT, { province: '广东省' })]);
    await replica.bits.build(NEXT, () => NOW);
    await owner.rows('DELETE FROM analytics_dau_pending');
    expect([await audit(DAY), await audit(NEXT)]).toEqual([[], []]);
  });

  it('reports bits that lost their identity otherwise', async () => {
    await owner.rows("DELETE FROM analytics_identities WHERE identity = 'u:30'");
    expect(await audit(DAY)).toEqual([
      'bits: 1 identities of the log have no bit',
      'bits: 1 bits belong to no identity, and no erasure accounts for them',
      'new users: 1 bits belong to no identity, and no erasure accounts for them',
      'bits: 1 identities of the active set have no bit',
      inGuangdong(1),
    ]);
  });
});
