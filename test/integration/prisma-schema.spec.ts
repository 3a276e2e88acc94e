import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { createPlainDatabase, type TestDatabase } from '../support/database.js';
import { eventAtNoon } from '../support/builders.js';
import { openReplica } from '../support/persistence.js';
import { differences, readDatabase, readPrismaSchema, type Shapes } from '../support/schema-parity.js';
import { openSql, type Sql } from '../support/sql.js';

const SCHEMA = readFileSync(new URL('../../prisma/schema.prisma', import.meta.url), 'utf8');

let database: TestDatabase;
let owner: Sql;

beforeAll(async () => {
  database = await createPlainDatabase();
  owner = await openSql(database.ownerUrl);
});

afterAll(async () => {
  await owner.close();
  await database.drop();
});

describe('the Prisma schema', () => {
  it('matches the migrated database column by column', async () => {
    const schema = readPrismaSchema(SCHEMA);
    expect(Object.keys(schema).sort()).toEqual([
      'analytics_active_bits',
      'analytics_active_days',
      'analytics_active_weeks',
      'analytics_daily_active_users',
      'analytics_daily_actives',
      'analytics_dau_pending',
      'analytics_dropped_days',
      'analytics_erased_actives',
      'analytics_erasures',
      'analytics_event_corrections',
      'analytics_event_log',
      'analytics_identities',
      'analytics_identity_blocks',
      'analytics_identity_counters',
      'analytics_online_snapshots',
      'analytics_outbox',
      'analytics_outbox_lanes',
      'analytics_place_actives',
      'analytics_week_bits',
      'analytics_week_places',
      'analytics_write_probe',
    ]);
    expect(schema['analytics_event_log']).toEqual({
      columns: {
        id: 'bigint not null default autoincrement()',
        event_id: 'uuid not null',
        event_time: 'timestamp(3) with time zone not null',
        user_id: 'bigint',
        install_id: 'character varying(128) not null',
        event_name: 'character varying(64) not null',
        properties: 'jsonb',
        created_at: 'timestamp(3) with time zone not null default now()',
      },
      primaryKey: ['event_time', 'event_id'],
      indexes: [],
    });
    expect(differences(schema, await readDatabase(owner))).toEqual([]);
  });

  it('matches the database when it has partitions', async () => {
    const replica = openReplica(database.serviceUrl);
    await replica.eventLog.batchInsert([eventAtNoon()]);
    await replica.close();
    expect(differences(readPrismaSchema(SCHEMA), await readDatabase(owner))).toEqual([]);
  });

  it('lets the client read every table as the service', async () => {
    const replica = openReplica(database.serviceUrl);
    await replica.prisma.forJob((prisma) =>
      Promise.all([
        prisma.eventLog.findFirst(),
        prisma.eventCorrection.findFirst(),
        prisma.dailyActive.findFirst(),
        prisma.dailyActiveStats.findFirst(),
        prisma.dauPending.findFirst(),
        prisma.onlineSnapshot.findFirst(),
        prisma.outboxMessage.findFirst(),
      ]),
    );
    await replica.close();
  });
});

describe('the comparison of schemas', () => {
  const changed = (from: string, to: string): Shapes => {
    expect(SCHEMA).toContain(from);
    return readPrismaSchema(SCHEMA.replace(from, to));
  };

  it.each([
    [
      'a column that only the database has',
      '  payload       Json\n',
      '',
      'analytics_outbox.payload: "missing"',
    ],
    [
      'a column that only the schema has',
      '  payload       Json\n',
      '  payload Json\n  extra Int?\n',
      'analytics_outbox.extra: "integer" in the Prisma schema, "missing"',
    ],
    [
      'another length',
      '@db.VarChar(128)\n  eventName',
      '@db.VarChar(64)\n  eventName',
      'event_log.install_id',
    ],
    ['another nullability', 'userId     BigInt?', 'userId BigInt', 'event_log.user_id: "bigint not null"'],
    [
      'another type',
      'level    Int      @db.SmallInt',
      'level Int',
      'daily_actives.level: "integer not null"',
    ],
    [
      'another precision',
      'calculatedAt  DateTime @map("calculated_at") @db.Timestamptz(3)',
      'calculatedAt DateTime @map("calculated_at") @db.Timestamptz(6)',
      'calculated_at',
    ],
    ['another default', '@default(180)', '@default(60)', 'online_snapshots.window_seconds'],
    [
      'another key',
      '@@id([eventTime, eventId])',
      '@@id([eventId, eventTime])',
      'analytics_event_log primaryKey',
    ],
    [
      'a missing index',
      '  @@index([day], map: "idx_dau_pending_day")\n',
      '',
      'analytics_dau_pending indexes',
    ],
    ['a missing unique key', '@unique @db.Timestamptz(3)', '@db.Timestamptz(3)', 'online_snapshots indexes'],
    [
      'a table of another name',
      '@@map("analytics_outbox")',
      '@@map("outbox")',
      'table outbox is missing in the database',
    ],
  ])('reports %s', async (_, from, to, told) => {
    const found = differences(changed(from, to), await readDatabase(owner));
    expect(found.join('\n')).toContain(told);
  });

  it('reports what only the database has', async () => {
    await owner.rows('BEGIN');
    try {
      await owner.rows('ALTER TABLE analytics_online_snapshots ADD COLUMN extra text');
      await owner.rows('CREATE TABLE analytics_extra (id int)');
      expect(differences(readPrismaSchema(SCHEMA), await readDatabase(owner))).toEqual([
        'table analytics_extra is missing in the Prisma schema',
        'analytics_online_snapshots.extra: "missing" in the Prisma schema, "text" in the database',
      ]);
    } finally {
      await owner.rows('ROLLBACK');
    }
  });

  it('throws for syntax that it does not support', () => {
    expect(() => readPrismaSchema('model X {\n  a Unsupported("point")\n}\n')).toThrow('not understood');
    expect(() => readPrismaSchema('model X {\n  a Money\n}\n')).toThrow('not understood');
    expect(() => readPrismaSchema('model X {\n  a Int\n  @@fulltext([a])\n}\n')).toThrow('not understood');
  });
});
