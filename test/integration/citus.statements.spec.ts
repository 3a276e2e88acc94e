import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Client } from 'pg';

import { DailyActiveStats } from '../../src/domain/aggregates/daily-active-stats/daily-active-stats.aggregate.js';
import { PlaceFilter } from '../../src/domain/value-objects/place-filter.vo.js';
import { placeNames } from '../../src/domain/value-objects/place-names.vo.js';
import { DatabaseLayout } from '../../src/infrastructure/persistence/database-layout.js';
import {
  DAY_MS,
  earlier,
  eventAtNoon,
  eventLog,
  later,
  MINUTE_MS,
  NOON,
  NOON_DAY,
} from '../support/builders.js';
import { brokenRules, statementsOf, touchesDistributedTable } from '../support/citus/statement-rules.js';
import { statementsOfSource } from '../support/citus/statements-of-source.js';
import { isDistributed } from '../support/citus/tables.js';
import { textOf } from '../support/citus/watched-statements.js';
import { createDistributedDatabase, createPlainDatabase, type TestDatabase } from '../support/database.js';
import { openDistributedReplica, openErasure, openReplica, type Replica } from '../support/persistence.js';
import { seedIdentity } from '../support/seed.js';
import { openSql, type Sql } from '../support/sql.js';

const REOPENED_DAY = '2025-05-20';
const EARLIER_DAY = '2025-06-14';
const SHENZHEN = PlaceFilter.of({ city: '深圳市' }, placeNames('as-sent'));
const TABLES = ['event_log', 'event_corrections', 'daily_actives', 'dau_pending', 'outbox', 'outbox_lanes'];
const DICTIONARY = ['identities', 'identity_counters', 'identity_blocks', 'active_bits', 'place_actives'];

const DELEGATED = "proname IN ('analytics_flush', 'analytics_claim')";
const OTHERS = `NOT ${DELEGATED} AND proname LIKE 'analytics\\_%' AND has_function_privilege('analytics_service', oid, 'EXECUTE')`;

let database: TestDatabase;
let owner: Sql;

beforeAll(async () => {
  database = await createDistributedDatabase();
  owner = await openSql(database.ownerUrl);
}, 60_000);

afterAll(async () => {
  await owner.close();
  await database.drop();
});

/** Runs every method of the adapters once and returns the statements that they sent. */
async function captureStatements(replica: Replica, ownerUrl: string): Promise<string[]> {
  const erasure = openErasure(ownerUrl);
  const sent = new Set<string>();
  await seedUserWithoutSet(ownerUrl);
  const send = jest.spyOn(Client.prototype, 'query').mockImplementation(function (
    this: Client,
    ...call: unknown[]
  ) {
    sent.add(textOf(call[0]));
    return (original as (...all: unknown[]) => never).apply(this, call);
  });
  try {
    const noon = new Date(NOON);
    await replica.eventLog.ensureDays(NOON_DAY, NOON_DAY);
    const corrected = eventAtNoon({ userId: '7', clientTime: earlier(noon, 20 * MINUTE_MS) });
    const events = [
      ...Array.from({ length: 40 }, (_, i) => eventAtNoon({ userId: String(i + 1) })),
      corrected,
    ];
    await replica.eventLog.batchInsert(events);
    await replica.eventLog.batchInsert(events);
    await replica.eventLog.queryDau(NOON_DAY);
    await replica.actives.countNow(NOON_DAY);
    await replica.actives.readTotals([NOON_DAY]);
    await replica.actives.listIdentities(NOON_DAY, '', 10);
    await replica.actives.findDueDays('2025-06-16', later(noon, DAY_MS), 10);
    const { marks, ...count } = await replica.actives.count(NOON_DAY);
    await replica.stats.upsert(DailyActiveStats.create(NOON_DAY, count, later(noon, DAY_MS)), marks);
    await replica.stats.findByDate(NOON_DAY);
    await replica.stats.findPendingDays(EARLIER_DAY, NOON_DAY);
    await replica.bits.build(NOON_DAY, () => later(noon, DAY_MS));
    // An earlier day moves the first days of its identities, and has places.
    const places = { province: '广东省', city: '深圳市' };
    await replica.eventLog.batchInsert([
      eventLog({ userId: '1', at: `${EARLIER_DAY}T12:00:00+08:00`, properties: places }),
    ]);
    await replica.bits.build(EARLIER_DAY, () => later(noon, DAY_MS));
    // A day without a partition of its own is counted, as every day is where its rows lie on other nodes.
    await replica.bits.build('2020-01-01', () => later(noon, DAY_MS));
    await replica.bits.compareWithLog(NOON_DAY);
    await replica.bits.compareWithSet(NOON_DAY);
    await replica.bits.compareNewUsers(NOON_DAY, NOON_DAY);
    await replica.bits.compareFirstDays(NOON_DAY, NOON_DAY);
    await replica.bits.findUnbuiltDays(NOON_DAY, 10);
    await replica.spans.countSpans([{ first: NOON_DAY, last: NOON_DAY }], null);
    await replica.spans.countPlaces({ first: NOON_DAY, last: NOON_DAY }, 'province');
    await replica.spans.countSpans([{ first: NOON_DAY, last: NOON_DAY }], SHENZHEN);
    await replica.spans.countRolling({ first: NOON_DAY, last: NOON_DAY }, 7, null);
    await replica.spans.countFlows({ first: NOON_DAY, last: NOON_DAY });
    await replica.spans.countRetention({ first: NOON_DAY, last: NOON_DAY }, 'new', [1], '2025-06-16');
    await replica.stats.settle([1n]);
    await replica.stats.findPendingDays(NOON_DAY, NOON_DAY);
    await replica.eventLog.wasDropped(NOON_DAY);
    await replica.actives.wasDropped(NOON_DAY);
    await replica.eventLog.removeCorrections(later(noon, DAY_MS));
    const batch = { limit: 10, except: new Set<number>(), eager: true };
    await replica.outbox.publishBatch(batch, () => Promise.reject(new Error('refused')));
    await replica.outbox.publishBatch(batch, () => Promise.resolve());
    await replica.outbox.readStatus(100);
    await replica.outbox.readStatus(null);
    for (const data of ['events', 'actives'] as const) {
      await replica.retention.listDays(data, '2025-06-16');
      await replica.retention.countRows(data, NOON_DAY);
      await replica.retention.drop(data, NOON_DAY, 2);
    }
    await reopen(replica, ownerUrl);
    await replica.spans.readBuilds(NOON_DAY);
    await new DatabaseLayout(replica.prisma, isDistributed(ownerUrl)).verify();
    for (const subject of [
      { kind: 'user', id: '7', identity: 'u:7' },
      { kind: 'user', id: '999', identity: 'u:999' },
      { kind: 'install', id: 'install-of-nobody', identity: 'i:install-of-nobody' },
    ] as const)
      await erasure.erase(subject, { signal: new AbortController().signal });
  } finally {
    send.mockRestore();
  }
  return [...sent];
}

/** Stores an event of a day whose active set retention has dropped. */
async function reopen(replica: Replica, ownerUrl: string): Promise<void> {
  const sql = await openSql(ownerUrl);
  await sql.rows(
    'INSERT INTO analytics_dropped_days (day, actives_dropped_at) VALUES ($1, clock_timestamp())',
    [REOPENED_DAY],
  );
  await sql.close();
  const events = [
    eventLog({ userId: '1', at: `${REOPENED_DAY}T12:00:00+08:00` }),
    eventLog({ installId: 'install-of-nobody', at: `${REOPENED_DAY}T12:00:00+08:00` }),
  ];
  await replica.eventLog.batchInsert(events);
}

/** Adds a user of days whose active sets were dropped. */
async function seedUserWithoutSet(ownerUrl: string): Promise<void> {
  const sql = await openSql(ownerUrl);
  await seedIdentity(sql, 'u:999', { id: 999, firstDay: '2020-01-01' });
  await sql.close();
}

/** Statements that only the adapters of one server send, and one that asks the catalogue of a node. */
const NOT_SENT_TO_A_CLUSTER = [
  'bits-audit.ts COMPARE_SQL',
  'first-days-audit.ts FIRST_DAYS_SQL',
  'identity-statements.ts READ_ACTIVES_SQL',
  'identity-statements.ts READ_NAMED_SQL',
  'identity-statements.ts NUMBER_IDENTITIES_SQL',
  'identity-statements.ts CLEAR_NEW_BITS_SQL',
  'identity-statements.ts ADD_BITS_SQL',
  'identity-statements.ts READ_PLACES_SQL',
  'identity-statements.ts WRITE_PLACES_SQL',
  'identity-statements.ts COUNT_BITS_SQL',
  'span-statements.ts countSpans',
  'span-statements.ts COUNT_ROLLING',
  'span-statements.ts countFlows',
  'span-statements.ts countRetention',
  'span-statements.ts READ_PIECE_IDS_SQL',
  'week-statements.ts UNITE_WEEK_BITS_SQL',
  'week-statements.ts READ_PLACES_OF_WEEK_SQL',
  'week-statements.ts COMPARE_WEEK_BITS_SQL',
  'ingest-connections.ts PLACEMENTS_SQL',
  'erasure-statements.ts ACTIVE_DAYS_SQL',
  'erasure-statements.ts RENAME_IN_DICTIONARY_SQL',
  'erasure-statements.ts REMOVE_FROM_DICTIONARY_SQL',
  'erasure-statements.ts ANONYMIZE_DAY_SQL',
  'erasure-statements.ts DELETE_EVENTS_SQL',
  'erasure-statements.ts DELETE_EVENTS_SQL',
  'erasure-statements.ts DELETE_MESSAGES_SQL',
  'dau-from-log.ts DAU_FROM_LOG_SQL',
  'event-claims.ts CLAIM_SQL',
  'flush-statement.ts FLUSH_SQL',
  'postgres-event-retention.ts LIST_SQL',
  'daily-active-stats.repository.impl.ts UPSERT_SQL',
  'daily-active-stats.repository.impl.ts PENDING_DAYS_SQL',
  'daily-actives.repository.impl.ts COUNT_WITH_MARKS_SQL',
  'daily-actives.repository.impl.ts DUE_DAYS_SQL',
  'daily-actives.repository.impl.ts SETTLED_TOTALS_SQL',
  'event-log.repository.impl.ts REMOVE_CORRECTIONS_SQL',
  'outbox-statements.ts CLAIM_SQL',
  'outbox-statements.ts FAIL_SQL',
  'outbox-statements.ts STATUS_SQL',
];

const original = Client.prototype.query;

const broken = (statements: readonly string[]) =>
  statements.flatMap((sql) => brokenRules(sql).map((rule) => `${rule}: ${sql}`));

describe('the statements for distributed tables', () => {
  let statements: string[];

  beforeAll(async () => {
    const replica = openDistributedReplica(database.serviceUrl);
    statements = await captureStatements(replica, database.ownerUrl).finally(() => replica.close());
  });

  it('obey the rules of a cluster', async () => {
    expect(broken(statements)).toEqual([]);
    const all = [...statements, ...(await bodies(DELEGATED))].join('\n');
    for (const table of [...TABLES, ...DICTIONARY]) expect(all).toContain(`analytics_${table}`);
  });

  it('are all of those in the source, so that no statement escapes the rules', () => {
    const unseen = ['src/infrastructure/persistence', 'src/infrastructure/outbox']
      .flatMap(statementsOfSource)
      .filter(
        (statement) =>
          touchesDistributedTable(statement.sql) && !statements.some((sql) => statement.sent.test(sql)),
      );
    expect(unseen.map(({ place }) => place)).toEqual(NOT_SENT_TO_A_CLUSTER);
  });

  it('obey the rules inside the delegated functions, each for one bucket', async () => {
    const statements = (await bodies(DELEGATED)).flatMap(statementsOf);
    expect(statements.length).toBeGreaterThanOrEqual(8);
    expect(broken(statements)).toEqual([]);
    expect(statements.filter((sql) => !sql.includes('bucket = p_bucket'))).toEqual([]);
  });

  it('share functions with those of one server, whose migrations run first', async () => {
    const plain = await createPlainDatabase();
    const sql = await openSql(plain.ownerUrl);
    const settled = "SELECT prosrc FROM pg_proc WHERE proname = 'analytics_actives_settled'";
    expect(await owner.value(settled)).toBe(await sql.value(settled));
    await sql.close();
    await plain.drop();
  });

  it('obey the rules inside every other function that the service may run', async () => {
    const statements = (await bodies(OTHERS)).flatMap(statementsOf);
    expect(statements.join()).toContain('analytics_dau_pending WHERE day = dropped_day');
    expect(broken(statements)).toEqual([]);
  });
});

it('the statements for one server break the rules, so that the rules are seen to fire', async () => {
  const plain = await createPlainDatabase();
  const replica = openReplica(plain.serviceUrl);
  const statements = await captureStatements(replica, plain.ownerUrl).finally(() => replica.close());
  await plain.drop();
  expect(new Set(broken(statements).map((text) => text.slice(0, text.indexOf(' ('))))).toEqual(
    new Set([
      'an INSERT names the bucket or the lane',
      'an INSERT ... SELECT reads analytics_buckets for one bucket',
      'no INSERT into a distributed table stands in a CTE',
      'a DELETE or UPDATE of a distributed table in a CTE is for one bucket',
      'an UPDATE or INSERT ... SELECT has no volatile function',
      'an UPDATE calculates no time from a column',
      'a sub-query in an expression is for one bucket, or an EXISTS on the same lane',
      'FOR UPDATE is for one bucket',
      'tables of the coordinator stand apart',
      'a UNION is for one bucket',
      'a join of distributed tables names their buckets',
      'identities are grouped with their bucket',
      'RETURNING has no text of a date',
      'no lateral outer join starts from a list',
      'a recursive CTE is for one bucket',
    ]),
  );
});

async function bodies(condition: string): Promise<string[]> {
  const rows = await owner.rows<{ prosrc: string }>(`SELECT prosrc FROM pg_proc WHERE ${condition}`);
  return rows.map(({ prosrc }) => prosrc);
}
