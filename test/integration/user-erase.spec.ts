import { createHash } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import type { ErasedRows, ErasureSubject } from '../../src/application/ports/identity-erasure.port.js';
import type { InsertOutcome } from '../../src/domain/repositories/event-log.repository.interface.js';
import type { PostgresIdentityErasure } from '../../src/infrastructure/persistence/erasure/postgres-identity-erasure.js';
import { eventLog, type EventOverrides } from '../support/builders.js';
import { createPlainDatabase, createTestDatabase, type TestDatabase } from '../support/database.js';
import { rejectionOf } from '../support/failures.js';
import { openErasure, openReplica, type Replica } from '../support/persistence.js';
import { refuseChanges } from '../support/refuse-changes.js';
import { seedIdentity } from '../support/seed.js';
import { openSql, type Sql } from '../support/sql.js';

const DAY = '2025-06-15';
const DAY_BEFORE = '2025-06-14';
const [NOON, NOON_BEFORE] = [`${DAY}T04:00:00Z`, `${DAY_BEFORE}T04:00:00Z`];
const USER: ErasureSubject = { kind: 'user', id: '42', identity: 'u:42' };
const INSTALL: ErasureSubject = { kind: 'install', id: 'install-of-nobody', identity: 'i:install-of-nobody' };
const SHENZHEN = { province: '广东省', city: '深圳市' };
const HANGZHOU = { province: '浙江省', city: '杭州市' };

let database: TestDatabase;
let owner: Sql;
let service: Sql;
let replica: Replica;
let erasure: PostgresIdentityErasure;

beforeAll(async () => {
  database = await createTestDatabase();
  [owner, service] = await Promise.all([openSql(database.ownerUrl), openSql(database.serviceUrl)]);
  replica = openReplica(database.serviceUrl);
  erasure = openErasure(database.ownerUrl);
});

afterAll(async () => {
  await Promise.all([owner.close(), service.close(), replica.close()]);
  await database.drop();
});

beforeEach(async () => {
  // Partitions are made again by the first flush of their day.
  for (const day of ['20250614', '20250615'])
    for (const table of ['analytics_event_log', 'analytics_daily_actives'])
      await owner.rows(`DROP TABLE IF EXISTS ${table}_p${day}`);
  await owner.rows(
    'TRUNCATE analytics_outbox, analytics_event_corrections, analytics_erased_actives, analytics_identities, analytics_dau_pending',
  );
});

const store = (...events: readonly EventOverrides[]): Promise<readonly InsertOutcome[]> =>
  replica.eventLog.batchInsert(events.map((event) => eventLog({ at: NOON, ...event })));

const erase = (subject = USER): Promise<ErasedRows> =>
  erasure.erase(subject, { signal: new AbortController().signal });

/** Stores a crowd in which the user has two places, two days, a corrected clock, and an event that is no session. */
async function storeCrowd(): Promise<void> {
  await store(
    { userId: '42', properties: SHENZHEN },
    { userId: '42', properties: HANGZHOU },
    { userId: '42', at: NOON_BEFORE, clientTime: `${DAY_BEFORE}T01:00:00Z` },
    { userId: '42', eventName: 'song_played' },
    { userId: '421', properties: SHENZHEN },
    { userId: '4', at: NOON_BEFORE },
    { installId: 'install-of-nobody', properties: HANGZHOU },
    { installId: '42-42-42-42' },
  );
}

async function expectCleanAudit(): Promise<void> {
  for (const day of [DAY, DAY_BEFORE]) {
    const { marks: _marks, ...set } = await replica.actives.count(day);
    expect({ day, ...(await replica.eventLog.queryDau(day)) }).toEqual({ day, ...set });
  }
}

/** Counts the rows, in whatever table and column, that have the text. */
async function rowsNaming(text: string): Promise<Record<string, number>> {
  const tables = await owner.rows<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`,
  );
  const found: Record<string, number> = {};
  for (const { name } of tables) {
    const n = await owner.value(
      `SELECT count(*)::int FROM ${name} t WHERE to_jsonb(t)::text ~ ('"' || $1 || '"|: ' || $1 || '[,}]')`,
      [text],
    );
    if (n !== 0) found[name] = Number(n);
  }
  return found;
}

describe('an erased user', () => {
  beforeEach(storeCrowd);

  it('has no row in the log, in claims, in the outbox and in the active sets', async () => {
    expect(await erase()).toEqual({
      ...{ events: 4, activeDays: 2, claims: 1, messages: 3, wasInDictionary: false, isInterrupted: false },
      installs: ['install-00000001'],
      failure: null,
    });
    expect(await rowsNaming('42')).toEqual({});
    expect(await rowsNaming('u:42')).toEqual({});
    expect(await owner.value('SELECT count(*)::int FROM analytics_event_log')).toBe(4);
    expect(await owner.value('SELECT count(*)::int FROM analytics_event_corrections')).toBe(0);
    expect(await owner.value('SELECT count(*)::int FROM analytics_outbox')).toBe(4);
  });

  it('still counts in every figure, and the audit accounts for it', async () => {
    const figures = () => Promise.all([DAY, DAY_BEFORE].map((day) => replica.actives.countNow(day)));
    const before = await figures();
    await erase();
    expect(await figures()).toEqual(before);
    await expectCleanAudit();
  });

  it('is erased once, however often it is repeated', async () => {
    await erase();
    const accounted = await owner.rows('SELECT * FROM analytics_erased_actives ORDER BY 1, 2, 3');
    expect(await erase()).toMatchObject({ events: 0, activeDays: 0, claims: 0, messages: 0, installs: [] });
    expect(await owner.rows('SELECT * FROM analytics_erased_actives ORDER BY 1, 2, 3')).toEqual(accounted);
    await expectCleanAudit();
  });

  it('counts as a new user when an event arrives later, and can be erased again', async () => {
    await erase();
    await store({ userId: '42', properties: SHENZHEN });
    expect((await replica.actives.count(DAY)).total).toBe(5);
    await expectCleanAudit();
    expect(await erase()).toMatchObject({ events: 1, activeDays: 1 });
    expect((await replica.actives.count(DAY)).total).toBe(5);
    await expectCleanAudit();
  });

  it('leaves the dictionary, and its id stays with the nameless entries of the sets', async () => {
    await seedIdentity(owner, 'u:42', { id: 7, firstDay: DAY_BEFORE });
    expect(await erase()).toMatchObject({ wasInDictionary: true });
    expect(await rowsNaming('u:42')).toEqual({});
    const joined = await owner.rows(
      `SELECT DISTINCT i.id, i.first_day::text FROM analytics_daily_actives a JOIN analytics_identities i
       ON i.identity = a.identity
         AND i.bucket = ${owner.isDistributed ? 'a.bucket' : 'analytics_identity_bucket(a.identity)'}`,
    );
    expect(joined).toEqual([{ id: 7, first_day: DAY_BEFORE }]);
  });

  it('leaves the dictionary altogether where no set has the name, and is accounted for as a new user', async () => {
    await seedIdentity(owner, 'u:43', { id: 7, firstDay: DAY_BEFORE });
    expect(await erase({ kind: 'user', id: '43', identity: 'u:43' })).toMatchObject({
      wasInDictionary: true,
    });
    expect(await owner.value('SELECT count(*)::int FROM analytics_identities')).toBe(0);
    expect(await owner.rows('SELECT day::text, new_identities AS new FROM analytics_erased_actives')).toEqual(
      [{ day: DAY_BEFORE, new: 1 }],
    );
  });

  it('is accounted for by its sessions on a day whose active set was dropped', async () => {
    await owner.rows(`DROP TABLE analytics_daily_actives_p20250615`);
    const before = await replica.eventLog.queryDau(DAY);
    expect(await erase()).toMatchObject({ activeDays: 2 });
    expect(await replica.eventLog.queryDau(DAY)).toEqual(before);
  });

  it('is accounted for once on a day whose active set was dropped, of which an import brought a part', async () => {
    await owner.rows('INSERT INTO analytics_dropped_days (day, actives_dropped_at) VALUES ($1, now())', [
      DAY,
    ]);
    await owner.rows('DELETE FROM analytics_daily_actives WHERE day = $1', [DAY]);
    await store({ userId: '42', properties: HANGZHOU });
    const before = await replica.eventLog.queryDau(DAY);
    expect(before).toMatchObject({
      total: 4,
      byProvince: new Map([
        ['广东省', 2],
        ['浙江省', 2],
      ]),
    });
    expect(await erase()).toMatchObject({ activeDays: 2 });
    expect(await replica.eventLog.queryDau(DAY)).toEqual(before);
    await owner.rows('DELETE FROM analytics_dropped_days');
  });

  it('is erased to the end by a repeat of an interrupted run', async () => {
    const interrupt = new AbortController();
    const onProgress = (): void => {
      interrupt.abort();
    };
    expect(await erasure.erase(USER, { signal: interrupt.signal, onProgress })).toMatchObject({
      ...{ events: 1, activeDays: 2, isInterrupted: true },
    });
    expect(await erase()).toMatchObject({ events: 3, activeDays: 0, isInterrupted: false });
    expect(await rowsNaming('42')).toEqual({});
    await expectCleanAudit();
  });

  it('counts what a failed run has committed, and a repeat erases the rest', async () => {
    const allow = await refuseChanges(owner, 'DELETE', 'analytics_event_log_p20250615');
    // The claim and the event of the day before are gone by then.
    expect(await erase()).toMatchObject({
      ...{ events: 1, activeDays: 2, claims: 1, messages: 0, installs: ['install-00000001'] },
      failure: expect.objectContaining({ message: expect.stringContaining('broken') }) as unknown,
    });
    await allow();
    expect(await erase()).toMatchObject({ events: 3, activeDays: 0, messages: 3, failure: null });
    expect(await rowsNaming('42')).toEqual({});
    await expectCleanAudit();
  });
});

describe('an erased install', () => {
  it('loses its events without a user, and keeps those of users', async () => {
    await storeCrowd();
    await store({ userId: '9', installId: 'install-of-nobody' });
    expect(await erase(INSTALL)).toMatchObject({ events: 1, activeDays: 1, installs: [] });
    expect(
      await owner.rows(`SELECT user_id FROM analytics_event_log WHERE install_id = 'install-of-nobody'`),
    ).toEqual([{ user_id: '9' }]);
    expect(await rowsNaming('i:install-of-nobody')).toEqual({});
    await expectCleanAudit();
  });
});

describe('the report of an erasure', () => {
  it('is stored without the identity, and proves it to the holder of the receipt', async () => {
    const { id, receipt } = await erasure.storeReport(USER, { events: 4 });
    const [stored] = await owner.rows('SELECT kind, proof, report FROM analytics_erasures WHERE id = $1', [
      id,
    ]);
    const proof = createHash('sha256').update(`${receipt}:u:42`).digest();
    expect(stored).toEqual({ kind: 'user', proof, report: { events: 4 } });
    expect(await rowsNaming(receipt)).toEqual({});
  });

  it('is changed by nobody', async () => {
    await erasure.storeReport(USER, {});
    for (const statement of [
      'UPDATE analytics_erasures SET kind = kind',
      'DELETE FROM analytics_erasures',
      'TRUNCATE analytics_erasures',
    ]) {
      expect(await rejectionOf(owner.rows(`SET analytics.erasure = 'on'; ${statement}`))).toMatchObject({
        message: expect.stringContaining('append-only'),
      });
      expect(await rejectionOf(service.rows(statement))).toMatchObject({ code: '42501' });
    }
    await owner.rows(`RESET analytics.erasure`);
  });
});

describe('the append-only log', () => {
  it('refuses an erasure by the role of the service, whatever it sets', async () => {
    await storeCrowd();
    const bySelf = openErasure(database.serviceUrl);
    expect(await rejectionOf(bySelf.erase(USER, { signal: new AbortController().signal }))).toMatchObject({
      code: 'owner_required',
      message: expect.stringMatching(/^DATABASE_MIGRATION_URL must be the connection of the owner/),
    });
    await service.rows(`SET analytics.erasure = 'on'`);
    for (const statement of [
      'DELETE FROM analytics_event_log',
      'UPDATE analytics_event_log SET event_name = event_name',
    ])
      expect(await rejectionOf(service.rows(statement))).toMatchObject({ code: '42501' });
    expect(await owner.value('SELECT count(*)::int FROM analytics_event_log')).toBe(8);
  });

  it('refuses the owner outside an erasure, and changes and truncation always, on one server', async () => {
    // A cluster has no triggers on distributed tables.
    const plain = await createPlainDatabase();
    const [plainOwner, writer] = [await openSql(plain.ownerUrl), openReplica(plain.serviceUrl)];
    await writer.eventLog.batchInsert([
      eventLog({ at: NOON, userId: '42' }),
      eventLog({ at: NOON, userId: '4' }),
    ]);
    await openErasure(plain.ownerUrl).erase(USER, { signal: new AbortController().signal });
    const refused = async (sql: string) =>
      expect(await rejectionOf(plainOwner.rows(sql))).toMatchObject({ code: '42501' });
    await refused('DELETE FROM analytics_event_log');
    await plainOwner.rows(`SET analytics.erasure = 'on'`);
    await refused('UPDATE analytics_event_log SET event_name = event_name');
    await refused('TRUNCATE analytics_event_log');
    await Promise.all([plainOwner.close(), writer.close()]);
    await plain.drop();
  });
});

describe('an erasure beside the running service', () => {
  it('fails no flush, and a repeat leaves a clean audit', async () => {
    await storeCrowd();
    let isOver = false;
    const ingest = async (seed: number): Promise<number> => {
      let stored = 0;
      while (!isOver) {
        const users = [42, 1000 + seed, 2000 + (stored % 7)];
        const events = users.map((user) => ({ userId: String(user), properties: SHENZHEN }));
        stored += (await store(...events)).filter(Boolean).length;
      }
      return stored;
    };
    const flushes = [ingest(1), ingest(2)];
    for (let run = 0; run < 3; run++) expect((await erase()).events).toBeGreaterThan(0);
    isOver = true;
    expect((await Promise.all(flushes)).every((stored) => stored > 0)).toBe(true);
    await erase();
    expect(await rowsNaming('u:42')).toEqual({});
    await expectCleanAudit();
  });
});
