import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { formatToDateKey } from '../../src/shared/utils/timezone.util.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { openReplica, type Replica } from '../support/persistence.js';
import { seed, seedMark } from '../support/seed.js';
import { openSql, type Sql } from '../support/sql.js';

const FINAL = '2018-11-01';
const MARKED = '2018-11-02';
const PROVISIONAL = '2018-11-03';
const NEVER_CALCULATED = '2018-11-04';
const EMPTY = '2018-11-05';

let database: TestDatabase;
let owner: Sql;
let replica: Replica;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await openSql(database.ownerUrl);
  replica = openReplica(database.serviceUrl);
  await owner.rows(
    `CREATE TABLE actives_of_the_test PARTITION OF analytics_daily_actives FOR VALUES FROM ('${FINAL}') TO ('${EMPTY}')`,
  );
  for (const day of [FINAL, MARKED, PROVISIONAL, NEVER_CALCULATED]) {
    const identities = [1, 2, 3, 4, 5, 6, 7].map((n) => ({ day, identity: `u:${n}` }));
    await seed(owner, 'analytics_daily_actives', [
      ...identities.map((each) => ({ ...each, level: 0, place: '' })),
      ...identities.map((each) => ({ ...each, level: 1, place: '广东' })),
    ]);
  }
  // The stored figures differ from the set, so that the test sees which of the two was read.
  await owner.rows(
    `INSERT INTO analytics_daily_active_users (day, dau_count, dau_by_province, dau_by_city, calculated_at, version)
     SELECT day::date, 5, '{}', '{}', at::timestamptz, 1 FROM (VALUES
       ('${FINAL}', '2018-11-02 01:00+08'), ('${MARKED}', '2018-11-03 01:00+08'),
       ('${PROVISIONAL}', '2018-11-04 00:59:59.999+08')) AS stored (day, at)`,
  );
  await seedMark(owner, MARKED);
});

afterAll(async () => {
  await Promise.all([replica.close(), owner.close()]);
  await database.drop();
});

describe('the totals of days', () => {
  it('are the stored figures of final days without marks, and counts of all others', async () => {
    const days = [FINAL, MARKED, PROVISIONAL, NEVER_CALCULATED, EMPTY];
    expect(Object.fromEntries(await replica.actives.readTotals(days))).toEqual({
      [FINAL]: 5,
      [MARKED]: 7,
      [PROVISIONAL]: 7,
      [NEVER_CALCULATED]: 7,
      [EMPTY]: 0,
    });
  });

  it('are 0 for a day without a partition', async () => {
    const today = formatToDateKey(new Date());
    expect(Object.fromEntries(await replica.actives.readTotals([today, '1999-01-01']))).toEqual({
      [today]: 0,
      '1999-01-01': 0,
    });
  });
});
