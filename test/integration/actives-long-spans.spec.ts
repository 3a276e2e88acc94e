import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';

import type { DaySpan } from '../../src/domain/value-objects/active-span.vo.js';
import { PlaceFilter } from '../../src/domain/value-objects/place-filter.vo.js';
import { placeNames } from '../../src/domain/value-objects/place-names.vo.js';
import {
  COUNT_FLOWS,
  COUNT_RETENTION,
  COUNT_ROLLING,
  COUNT_SPANS,
} from '../../src/infrastructure/persistence/actives/span-statements.js';
import { SPAN_LIMITS } from '../../src/infrastructure/persistence/actives/span-limits.js';
import { ActiveSpansRepositoryImpl } from '../../src/infrastructure/persistence/repositories/active-spans.repository.impl.js';
import { addDaysToKey } from '../../src/shared/utils/timezone.util.js';
import { eventLog } from '../support/builders.js';
import { createPlainDatabase, type TestDatabase } from '../support/database.js';
import { openReplica, type Replica } from '../support/persistence.js';
import { openSql, type Sql } from '../support/sql.js';

const FIRST = '2025-06-10';
const DAYS = Array.from({ length: 5 }, (_, n) => addDaysToKey(FIRST, n));
const LAST = DAYS.at(-1) as string;
const NOW = new Date('2025-06-20T04:00:00Z');
const CITIES = ['深圳市', '广州市', '珠海市'];
/** Every figure in parts of one chunk, every place a few days at a time, everything kept. */
const TINY = {
  ...SPAN_LIMITS,
  wholeRows: 0,
  partRows: 1,
  keptRows: 0,
  places: { ...SPAN_LIMITS.places, firstIds: 3 * 47_616, readChars: 12_000, keptIds: 0 },
};
const place = PlaceFilter.of({ city: '深圳市' }, placeNames('as-sent'));

let database: TestDatabase;
let owner: Sql;
let replica: Replica;
let inParts: ActiveSpansRepositoryImpl;

async function store(user: number, day: string): Promise<void> {
  const city = CITIES[user % 4];
  const properties = city === undefined ? {} : { province: '广东省', city };
  await replica.eventLog.batchInsert([
    eventLog({ userId: String(user), at: `${day}T12:00:00+08:00`, properties }),
  ]);
}

beforeAll(async () => {
  database = await createPlainDatabase();
  owner = await openSql(database.ownerUrl);
  replica = openReplica(database.serviceUrl);
  for (const [n, day] of DAYS.entries()) {
    await Promise.all(Array.from({ length: 60 }, (_, user) => store(100 + 20 * n + user, day)));
    await replica.bits.build(day, () => NOW);
  }
  // Each bucket seems to have several chunks.
  await owner.rows('UPDATE analytics_identity_counters SET next_id = greatest(next_id, 40000)');
});

beforeEach(() => {
  inParts = new ActiveSpansRepositoryImpl(replica.prisma, TINY);
});

afterAll(async () => {
  await Promise.all([replica.close(), owner.close()]);
  await database.drop();
});

const SPANS: readonly (readonly DaySpan[])[] = [
  [{ first: FIRST, last: LAST }],
  [{ first: DAYS[1] as string, last: DAYS[1] as string }],
  [{ first: '2025-06-01', last: '2025-08-31' }],
  [{ first: '2025-07-01', last: '2025-07-02' }],
  DAYS.map((day) => ({ first: day, last: day })),
  [
    { first: '2025-06-09', last: DAYS[1] as string },
    { first: DAYS[2] as string, last: '2025-06-30' },
  ],
];

async function everyFigure(spans: ActiveSpansRepositoryImpl): Promise<unknown[]> {
  const month = { first: '2025-06-01', last: '2025-06-20' };
  const results: unknown[] = [];
  for (const each of SPANS)
    results.push(await spans.countSpans(each, null), await spans.countSpans(each, place));
  for (const window of [1, 2, 7, 30])
    results.push(
      await spans.countRolling(month, window, null),
      await spans.countRolling(month, window, place),
    );
  results.push(await spans.countFlows(month));
  for (const cohort of ['new', 'active'] as const)
    results.push(await spans.countRetention(month, cohort, [1, 2, 9], '2025-06-16'));
  for (const level of ['province', 'city'] as const) results.push(await spans.countPlaces(month, level));
  return results;
}

async function unbounded(): Promise<unknown[]> {
  return everyFigure(
    new ActiveSpansRepositoryImpl(replica.prisma, {
      ...SPAN_LIMITS,
      wholeRows: Infinity,
      places: { ...SPAN_LIMITS.places, waiting: 100 },
    }),
  );
}

function roomy(): ActiveSpansRepositoryImpl {
  return new ActiveSpansRepositoryImpl(replica.prisma, {
    ...TINY,
    places: { ...TINY.places, waiting: 100 },
  });
}

describe('a figure over a long span of many identities', () => {
  it('is the same in parts of the identities and in reads of few days as in one statement', async () => {
    const whole = await unbounded();
    expect(whole[0]).toEqual([{ activeCount: 140, newCount: 140 }]);
    const spans = roomy();
    expect(await everyFigure(spans)).toEqual(whole);
    const statements = jest.spyOn(replica.prisma, 'statementForRequest');
    expect(await everyFigure(spans)).toEqual(whole);
    const sent = new Set(statements.mock.calls.map(([sql]) => sql));
    statements.mockRestore();
    // Parts that were kept are not counted again.
    for (const { part } of [COUNT_SPANS, COUNT_ROLLING, COUNT_FLOWS, COUNT_RETENTION])
      expect(sent).not.toContain(part);
  });

  it('counts what a build adds to a day, even when no clock has moved since the last one', async () => {
    const spans = roomy();
    await everyFigure(spans);
    await store(7, DAYS[0] as string);
    await store(239, DAYS[3] as string);
    for (const day of [DAYS[0], DAYS[3]]) await replica.bits.build(day as string, () => NOW);
    const whole = await unbounded();
    expect(whole[0]).toEqual([{ activeCount: 141, newCount: 141 }]);
    expect(await everyFigure(spans)).toEqual(whole);
  });

  it('asks for few parts at once', async () => {
    let [running, most] = [0, 0];
    const ask = replica.prisma.statementForRequest.bind(replica.prisma);
    const statements = jest
      .spyOn(replica.prisma, 'statementForRequest')
      .mockImplementation(async (sql: string, ...parameters: readonly (string | Buffer)[]) => {
        most = Math.max(most, ++running);
        try {
          return await ask(sql, ...parameters);
        } finally {
          running--;
        }
      });
    await inParts.countFlows({ first: FIRST, last: LAST });
    statements.mockRestore();
    expect(most).toBeLessThanOrEqual(TINY.lanes);
  });
});
