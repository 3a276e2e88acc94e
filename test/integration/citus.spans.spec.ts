import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { AuditActivesHandler } from '../../src/application/queries/audit-actives/audit-actives.handler.js';
import { AuditActivesQuery } from '../../src/application/queries/audit-actives/audit-actives.query.js';
import { PlaceFilter } from '../../src/domain/value-objects/place-filter.vo.js';
import { placeNames } from '../../src/domain/value-objects/place-names.vo.js';
import { ActiveBitsCitusRepository } from '../../src/infrastructure/persistence/citus/active-bits-citus.repository.js';
import type { LongSession } from '../../src/infrastructure/persistence/prisma/long-statement.js';
import { eventLog } from '../support/builders.js';
import { createDistributedDatabase, type TestDatabase } from '../support/database.js';
import { openDistributedReplica, type Replica } from '../support/persistence.js';

const [FIRST, LAST] = ['2025-06-10', '2025-06-11'] as const;
const NOW = new Date('2025-06-15T04:00:00Z');
const guangdong = PlaceFilter.of({ province: '广东省' }, placeNames('as-sent'));

let database: TestDatabase;
let replica: Replica;

beforeAll(async () => {
  database = await createDistributedDatabase();
  replica = openDistributedReplica(database.serviceUrl);
}, 60_000);

afterAll(async () => {
  await replica.close();
  await database.drop();
});

it('figures over spans come from distributed sets, and the audit of their bits is clean', async () => {
  const seen = (user: number, day: string) =>
    eventLog({
      userId: String(user),
      at: `${day}T12:00:00+08:00`,
      properties: user % 2 === 0 ? { province: '广东省' } : {},
    });
  const users = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);
  await replica.eventLog.batchInsert([
    ...users(1, 61).map((user) => seen(user, FIRST)),
    ...users(41, 101).map((user) => seen(user, LAST)),
  ]);
  for (const day of [FIRST, LAST]) expect((await replica.bits.build(day, () => NOW)).total).toBe(60);
  const span = [{ first: FIRST, last: LAST }];
  expect(await replica.spans.countSpans(span, null)).toEqual([{ activeCount: 100, newCount: 100 }]);
  expect(await replica.spans.countSpans(span, guangdong)).toEqual([{ activeCount: 50, newCount: 50 }]);
  const audit = new AuditActivesHandler(replica.eventLog, replica.actives, replica.stats, replica.bits);
  for (const day of [FIRST, LAST])
    expect((await audit.execute(new AuditActivesQuery(day))).drift).toEqual([]);
});

it('the memory of a build holds on the nodes that join', async () => {
  let settings: unknown;
  class Watched extends ActiveBitsCitusRepository {
    protected override async addActives(session: LongSession): Promise<void> {
      // The column keeps the coordinator from answering alone.
      settings = await session.run(
        `SELECT DISTINCT current_setting('work_mem') || '/' || current_setting('hash_mem_multiplier') || left('', bucket) AS memory
         FROM analytics_buckets`,
      );
    }
  }
  await new Watched(replica.prisma).build(FIRST, () => NOW);
  expect(settings).toEqual([{ memory: '64MB/4' }]);
});
