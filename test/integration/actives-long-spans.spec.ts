import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { COUNT_LONG_SPAN_SQL } from '../../src/infrastructure/persistence/actives/span-statements.js';
import { eventLog } from '../support/builders.js';
import { createPlainDatabase, type TestDatabase } from '../support/database.js';
import { openReplica, type Replica } from '../support/persistence.js';
import { openSql, type Sql } from '../support/sql.js';

const DAYS = ['2025-06-10', '2025-06-11', '2025-06-12'] as const;
const [DAY, NEXT, LAST] = DAYS;
const NOW = new Date('2025-06-15T04:00:00Z');

let database: TestDatabase;
let owner: Sql;
let replica: Replica;

beforeAll(async () => {
  database = await createPlainDatabase();
  owner = await openSql(database.ownerUrl);
  replica = openReplica(database.serviceUrl);
});

afterAll(async () => {
  await Promise.all([replica.close(), owner.close()]);
  await database.drop();
});

describe('a long span of many identities', () => {
  it('is counted bucket by bucket, with the same result', async () => {
    for (const [n, day] of DAYS.entries()) {
      await replica.eventLog.batchInsert(
        Array.from({ length: 200 }, (_, user) =>
          eventLog({ userId: String(1 + 60 * n + user), at: `${day}T12:00:00+08:00` }),
        ),
      );
      await replica.bits.build(day, NOW);
    }
    const spans = [
      { first: DAY, last: LAST },
      { first: NEXT, last: LAST },
      { first: NEXT, last: NEXT },
      { first: '2025-06-01', last: '2026-05-31' },
      { first: '2025-06-13', last: '2025-07-31' },
    ];
    const count = () => Promise.all(spans.map((span) => replica.spans.countSpans([span], null)));
    const before = await count();
    expect(before.flat()).toEqual([
      { activeCount: 320, newCount: 320 },
      { activeCount: 260, newCount: 120 },
      { activeCount: 200, newCount: 60 },
      { activeCount: 320, newCount: 320 },
      { activeCount: 0, newCount: 0 },
    ]);
    await owner.rows('UPDATE analytics_identity_counters SET next_id = 2000000000');
    const statements = jest.spyOn(replica.prisma, 'statementForRequest');
    expect(await count()).toEqual(before);
    const sent = statements.mock.calls.map(([sql]) => sql);
    statements.mockRestore();
    expect(sent.filter((sql) => sql === COUNT_LONG_SPAN_SQL)).toHaveLength(spans.length);
  });
});
