import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';

import type { EventLog } from '../../src/domain/entities/event-log.entity.js';
import { claimCorrectedTimes } from '../../src/infrastructure/persistence/event-log/event-claims.js';
import { prepareFlushStatement } from '../../src/infrastructure/persistence/event-log/flush-statement.js';
import type { PrismaService } from '../../src/infrastructure/persistence/prisma/prisma.service.js';
import { StatementNames } from '../../src/infrastructure/persistence/prisma/statement-names.js';
import { addDaysToKey } from '../../src/shared/utils/timezone.util.js';
import { DAY_MS, earlier, eventAtNoon, NOON, NOON_DAY } from '../support/builders.js';
import { createPlainDatabase, type TestDatabase } from '../support/database.js';
import { openReplica, type Replica } from '../support/persistence.js';
import { openSql, type Sql } from '../support/sql.js';

const HISTORY_DAYS = 1100;
/** Bounds the locks that one transaction holds. */
const DAYS_A_TRANSACTION = 400;
const MAX_LOCKS = 30;
/** PostgreSQL plans a prepared statement for its parameters five times, and then for any. */
const EXECUTIONS = 7;
const OTHER_DAY = addDaysToKey(NOON_DAY, -600);

let database: TestDatabase;
let owner: Sql;

/** Creates the log's partitions of three years; the function of the service would make those of the actives too. */
async function createHistory(): Promise<void> {
  for (let oldest = HISTORY_DAYS; oldest > 0; oldest -= DAYS_A_TRANSACTION) {
    await owner.rows(`
      DO $$
      DECLARE d date;
      BEGIN
        FOR d IN SELECT date '${NOON_DAY}' - n FROM generate_series(${Math.max(0, oldest - DAYS_A_TRANSACTION)}, ${oldest - 1}) n LOOP
          EXECUTE format('CREATE TABLE %I PARTITION OF analytics_event_log FOR VALUES FROM (%L) TO (%L)',
            'analytics_event_log_p' || to_char(d, 'YYYYMMDD'),
            d::timestamp AT TIME ZONE 'Asia/Shanghai', (d + 1)::timestamp AT TIME ZONE 'Asia/Shanghai');
        END LOOP;
      END
      $$`);
  }
  await owner.rows('SELECT analytics_ensure_partitions($1, $1), analytics_ensure_partitions($2, $3)', [
    OTHER_DAY,
    addDaysToKey(NOON_DAY, -7),
    NOON_DAY,
  ]);
}

beforeAll(async () => {
  database = await createPlainDatabase();
  owner = await openSql(database.ownerUrl);
  await createHistory();
}, 120_000);

afterAll(async () => {
  await owner.close();
  await database.drop();
});

const ofDays = (days: number, count: number, minutesOff = 0): EventLog[] =>
  Array.from({ length: count }, (_, i) => {
    const at = earlier(new Date(NOON), (i % days) * DAY_MS);
    return eventAtNoon({
      at,
      clientTime: earlier(at, minutesOff * 60_000),
      userId: String(i + 1),
      properties: { province: '广东省', city: '深圳市' },
    });
  });

describe('a flush into a log of three years', () => {
  let client: Client;
  const names = new StatementNames();
  /** Sends prepared statements as the service does, on a connection whose transaction the test ends. */
  const prisma = {
    statementForRequest: async (text: string, ...values: string[]) =>
      (await client.query({ name: names.nameOf(text), text, values })).rows as unknown[],
  } as unknown as PrismaService;

  beforeAll(async () => {
    client = new Client({ connectionString: database.serviceUrl });
    await client.connect();
  });

  afterAll(() => client.end());

  it.each([
    ['events of one day', 1, 0],
    ['events of a week', 7, 0],
    ['corrected events of one day', 1, 10],
    ['corrected events from a clock that is a month off', 1, 30 * 24 * 60],
  ])(`holds at most ${MAX_LOCKS} locks: %s`, async (_, days, minutesOff) => {
    for (let execution = 1; execution <= EXECUTIONS; execution++) {
      const events = ofDays(days, 100, minutesOff);
      if (minutesOff > 0) await claimCorrectedTimes(prisma, events);
      const locked: string[] = [];
      await client.query('BEGIN');
      try {
        const { duplicates } = await prepareFlushStatement(prisma, events).execute([NOON_DAY]);
        expect(duplicates).toEqual([]);
        const { rows } = await client.query<{ name: string }>(
          'SELECT coalesce(relation::regclass::text, locktype) AS name FROM pg_locks WHERE pid = pg_backend_pid()',
        );
        locked.push(...rows.map(({ name }) => name));
      } finally {
        await client.query('COMMIT');
      }
      expect(locked).toContain('analytics_event_log_p20250615');
      expect(locked.length).toBeLessThanOrEqual(MAX_LOCKS);
    }
  });
});

describe('a statement about some days', () => {
  let replica: Replica;
  let corrected: EventLog[];

  beforeAll(async () => {
    replica = openReplica(database.serviceUrl);
    corrected = ofDays(1, 20, 10);
    await replica.eventLog.batchInsert(corrected);
    // A statement that plans or locks the partition of another day waits for this lock.
    await owner.rows('BEGIN');
    for (const table of ['analytics_event_log', 'analytics_daily_actives']) {
      await owner.rows(`LOCK TABLE ONLY ${table}_p${OTHER_DAY.replaceAll('-', '')} IN ACCESS EXCLUSIVE MODE`);
    }
  });

  afterAll(async () => {
    await owner.rows('ROLLBACK');
    await replica.close();
  });

  it.each<[string, () => Promise<unknown>]>([
    ['storing events', () => replica.eventLog.batchInsert(ofDays(3, 20))],
    ['storing corrected events', () => replica.eventLog.batchInsert(ofDays(1, 20, 10))],
    ['storing events again', () => replica.eventLog.batchInsert(corrected)],
    ['counting actives now', () => replica.actives.countNow(NOON_DAY)],
    ['counting actives with their marks', () => replica.actives.count(NOON_DAY)],
    ['listing identities', () => replica.actives.listIdentities(NOON_DAY, '', 100)],
    ['finding days that are due', () => replica.actives.findDueDays(NOON_DAY, new Date(NOON), 10)],
    ['counting from the log', () => replica.eventLog.queryDau(NOON_DAY)],
    ['reading stored figures', () => replica.stats.findByDateRange(OTHER_DAY, NOON_DAY)],
    ['removing old corrections', () => replica.eventLog.removeCorrections(new Date('2020-01-01T00:00:00Z'))],
  ])('does not wait for the partition of another day: %s', async (_, execute) => {
    for (let execution = 1; execution <= EXECUTIONS; execution++) await execute();
  });

  it('creates partitions while that of another day is locked', async () => {
    const day = addDaysToKey(NOON_DAY, 1);
    await replica.eventLog.ensureDays(day, day);
    await replica.eventLog.ensureDays(NOON_DAY, day);
  });
});
