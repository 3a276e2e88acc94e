import { beforeEach, describe, expect, it, jest } from '@jest/globals';

import { AuditWeeksHandler } from '../../src/application/queries/audit-weeks/audit-weeks.handler.js';
import { AuditWeeksQuery } from '../../src/application/queries/audit-weeks/audit-weeks.query.js';
import { SPAN_LIMITS } from '../../src/infrastructure/persistence/actives/span-limits.js';
import {
  COUNT_SPANS,
  READ_PIECE_IDS_SQL,
} from '../../src/infrastructure/persistence/actives/span-statements.js';
import { ActiveSpansRepositoryImpl } from '../../src/infrastructure/persistence/repositories/active-spans.repository.impl.js';
import { addDaysToKey } from '../../src/shared/utils/timezone.util.js';
import { eventLog } from '../support/builders.js';
import { createPlainDatabase } from '../support/database.js';
import type { Replica } from '../support/persistence.js';
import type { Sql } from '../support/sql.js';
import { useActives } from '../support/use-actives.js';

/** Two Mondays, and the days from the Friday before the first to the Tuesday after both weeks. */
const [MONDAY, NEXT_MONDAY] = ['2025-06-02', '2025-06-09'] as const;
const [FIRST, LAST, TODAY] = ['2025-05-30', '2025-06-17', '2025-06-18'] as const;
const SPAN = { first: FIRST, last: LAST };
const NOW = new Date('2025-06-18T04:00:00Z');

let owner: Sql;
let replica: Replica;

useActives(
  1,
  (stage) => {
    ({ owner } = stage);
    [replica] = stage.replicas as [Replica];
  },
  createPlainDatabase,
);

const seen = (user: number, day: string) =>
  eventLog({
    userId: String(user),
    at: `${day}T12:00:00+08:00`,
    properties: {
      province: user % 3 === 0 ? '广东省' : '浙江省',
      city: user % 5 === 0 ? '深圳市' : '杭州市',
    },
  });

async function build(day: string, users: readonly number[]): Promise<void> {
  await replica.eventLog.batchInsert(users.map((user) => seen(user, day)));
  await replica.bits.build(day, () => NOW);
}

/** Each day has twenty users, five of whom come again the next day. */
beforeEach(async () => {
  for (let n = 0; n < 19; n++)
    await build(
      addDaysToKey(FIRST, n),
      Array.from({ length: 20 }, (_, user) => 15 * n + user + 15),
    );
});

async function unite(): Promise<readonly string[]> {
  const weeks = await replica.bits.findWeeks(TODAY, 10);
  for (const week of weeks) await replica.bits.uniteWeek(week);
  return weeks;
}

/** Counts spans and places that hold the weeks in whole, in part or not at all. */
async function figures(): Promise<unknown[]> {
  const spans = [
    [SPAN],
    [{ first: MONDAY, last: addDaysToKey(NEXT_MONDAY, 6) }],
    [{ first: addDaysToKey(MONDAY, 1), last: addDaysToKey(NEXT_MONDAY, 5) }],
    [
      { first: MONDAY, last: addDaysToKey(MONDAY, 6) },
      { first: NEXT_MONDAY, last: addDaysToKey(NEXT_MONDAY, 6) },
    ],
    [
      { first: '2025-05-01', last: '2025-05-31' },
      { first: '2025-06-01', last: '2025-06-30' },
    ],
  ];
  const counts: unknown[] = [];
  for (const each of spans) counts.push(await replica.spans.countSpans(each, null));
  for (const level of ['province', 'city'] as const)
    for (const [span] of spans.slice(0, 3)) counts.push(await replica.spans.countPlaces(span ?? SPAN, level));
  return counts;
}

const audit = async (): Promise<readonly string[]> =>
  (await new AuditWeeksHandler(replica.bits).execute(new AuditWeeksQuery(FIRST, LAST))).flatMap(
    ({ drift }) => drift,
  );

/** Takes everything from the bits and places of the days: what is counted then comes from weeks. */
async function emptyDays(): Promise<void> {
  await owner.rows('DELETE FROM analytics_active_bits WHERE kind = 0');
  await owner.rows('DELETE FROM analytics_place_actives');
}

/** Removes all weeks, as an operator may, before the first of these statements reads them. */
function removeWeeksBefore(statements: readonly string[]): { readonly times: () => number; end: () => void } {
  const { prisma } = replica;
  const run = prisma.statementForRequest.bind(prisma);
  let removed: Promise<void> | null = null;
  let times = 0;
  const remove = async (): Promise<void> => {
    times++;
    for (const table of ['active_weeks', 'week_bits', 'week_places'])
      await owner.rows(`DELETE FROM analytics_${table}`);
  };
  const spy = jest.spyOn(prisma, 'statementForRequest').mockImplementation(async (sql, ...parameters) => {
    if (statements.includes(sql)) await (removed ??= remove());
    return run(sql, ...parameters);
  });
  return {
    times: () => times,
    end: () => {
      spy.mockRestore();
    },
  };
}

describe('a week that is over', () => {
  it('is united once, and again after a build of one of its days', async () => {
    expect(await unite()).toEqual([NEXT_MONDAY, MONDAY, '2025-05-26']);
    expect(await replica.bits.findWeeks(TODAY, 10)).toEqual([]);
    await replica.bits.build(addDaysToKey(MONDAY, 3), () => NOW);
    expect(await replica.bits.findWeeks(TODAY, 10)).toEqual([MONDAY]);
    // This week follows when it is over.
    expect(await replica.bits.findWeeks('2025-06-23', 1)).toEqual(['2025-06-16']);
  });

  it('gives longer spans the figures of its days', async () => {
    const byDays = await figures();
    expect(byDays[0]).toEqual([{ activeCount: 290, newCount: 290 }]);
    await unite();
    expect(await figures()).toEqual(byDays);
    expect(await audit()).toEqual([]);
  });

  it('is what spans of its days are counted from', async () => {
    const week = { first: MONDAY, last: addDaysToKey(MONDAY, 6) };
    await unite();
    await emptyDays();
    expect(await replica.spans.countSpans([week], null)).toEqual([{ activeCount: 110, newCount: 105 }]);
    expect(await replica.spans.countPlaces(week, 'province')).toEqual(
      new Map([
        ['广东省', 37],
        ['浙江省', 73],
      ]),
    );
    expect(await replica.spans.countSpans([{ ...week, first: addDaysToKey(MONDAY, 1) }], null)).toMatchObject(
      [{ activeCount: 0 }],
    );
  });

  it('counts no more from the moment of a build of one of its days, by whatever release', async () => {
    await unite();
    await build(addDaysToKey(MONDAY, 2), [9999]);
    expect(await replica.spans.countSpans([SPAN], null)).toEqual([{ activeCount: 291, newCount: 291 }]);
    expect(await replica.spans.countPlaces(SPAN, 'city')).toEqual(
      new Map([
        ['杭州市', 233],
        ['深圳市', 58],
      ]),
    );
    const byDays = await figures();
    expect(await unite()).toEqual([MONDAY]);
    expect(await figures()).toEqual(byDays);
  });

  it('may be removed and united again while a request reads it, also where parts are kept', async () => {
    const limits = { ...SPAN_LIMITS, wholeRows: 0, keptRows: 0 };
    const spans = new ActiveSpansRepositoryImpl(replica.prisma, {
      ...limits,
      places: { ...limits.places, keptIds: 0 },
    });
    const asked = [
      (by: ActiveSpansRepositoryImpl) => by.countSpans([SPAN], null),
      (by: ActiveSpansRepositoryImpl) => by.countPlaces(SPAN, 'province'),
      (by: ActiveSpansRepositoryImpl) => by.countPlaces(SPAN, 'city'),
    ];
    for (const ask of asked) {
      const byDays = await ask(replica.spans);
      await unite();
      const removal = removeWeeksBefore([COUNT_SPANS.part, READ_PIECE_IDS_SQL]);
      expect(await ask(spans)).toEqual(byDays);
      expect(removal.times()).toBe(1);
      removal.end();
      await unite();
      expect(await ask(spans)).toEqual(byDays);
      await owner.rows('DELETE FROM analytics_active_weeks');
    }
  });

  it('is forgotten with the days when all of them are built anew', async () => {
    await unite();
    await owner.rows(
      `TRUNCATE analytics_identities, analytics_identity_counters, analytics_identity_blocks, analytics_active_days, analytics_active_bits,
         analytics_place_actives, analytics_daily_actives`,
    );
    await build(MONDAY, [1, 2, 3]);
    const week = { first: MONDAY, last: addDaysToKey(MONDAY, 6) };
    expect(await replica.spans.countSpans([week], null)).toEqual([{ activeCount: 3, newCount: 3 }]);
    expect(await unite()).toEqual([MONDAY]);
    expect(await replica.spans.countSpans([week], null)).toEqual([{ activeCount: 3, newCount: 3 }]);
    expect(await replica.spans.countPlaces(week, 'province')).toEqual(
      new Map([
        ['广东省', 1],
        ['浙江省', 2],
      ]),
    );
  });
});

describe('the audit of weeks', () => {
  beforeEach(async () => {
    await unite();
  });

  const setBit = (bit: 0 | 1): Promise<unknown> =>
    owner.rows(
      `UPDATE analytics_week_bits stored SET bits = set_bit(bits, id, ${bit}) FROM analytics_identities i
       WHERE i.identity = $1 AND stored.bucket = i.bucket AND week = $2::date`,
      [bit === 0 ? 'u:65' : 'u:265', MONDAY],
    );

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'a user whom a week lacks',
      () => setBit(0),
      /^weeks: 1 users of a day are missing in the week of 2025-06-02$/,
    ],
    ['a user too many', () => setBit(1), /^weeks: 1 users of the week of 2025-06-02 have no bit/],
    [
      'a list that is missing',
      () =>
        owner.rows(
          `DELETE FROM analytics_week_places WHERE week = $1 AND place = '深圳市'
           AND bucket = (SELECT min(bucket) FROM analytics_week_places WHERE week = $1 AND place = '深圳市')`,
          [MONDAY],
        ),
      /^weeks: 1 lists of places differ/,
    ],
    [
      'a list with others in it',
      () =>
        owner.rows(
          `UPDATE analytics_week_places SET ids = '\\x7f7f7f'
           WHERE week = $1 AND place = '广东省' AND bucket = (
             SELECT min(bucket) FROM analytics_week_places WHERE week = $1 AND place = '广东省')`,
          [MONDAY],
        ),
      /^weeks: 1 lists of places differ/,
    ],
  ])('finds %s', async (_, tamper, sentence) => {
    expect(await audit()).toEqual([]);
    await tamper();
    expect(await audit()).toEqual([expect.stringMatching(sentence)]);
    await replica.bits.uniteWeek(MONDAY);
    expect(await audit()).toEqual([]);
  });

  it('leaves out a week that counts no more', async () => {
    await setBit(0);
    await replica.bits.build(MONDAY, () => NOW);
    expect(await audit()).toEqual([]);
  });
});
