import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { COUNT_CHUNKS_SQL } from '../../../../../src/infrastructure/persistence/actives/chunk-counts.js';
import { encodeIds } from '../../../../../src/infrastructure/persistence/actives/id-list.js';
import { SPAN_LIMITS } from '../../../../../src/infrastructure/persistence/actives/span-limits.js';
import {
  COUNT_SPANS,
  READ_PLACE_IDS_SQL,
} from '../../../../../src/infrastructure/persistence/actives/span-statements.js';
import { READ_BUILDS_OF_SPAN_SQL } from '../../../../../src/infrastructure/persistence/actives/week-statements.js';
import type { PrismaService } from '../../../../../src/infrastructure/persistence/prisma/prisma.service.js';
import { ActiveSpansRepositoryImpl } from '../../../../../src/infrastructure/persistence/repositories/active-spans.repository.impl.js';
import { runWork } from '../../../../../src/shared/context/work-context.js';

const YEAR = { first: '2024-01-01', last: '2024-12-31' };
const IDS = encodeIds(Uint32Array.from({ length: 1000 }, (_, n) => 3 * n)).toString('base64');
const BUCKETS = 16;

/** A database in which a statement of a figure takes as long as the test says. */
class SlowDatabase {
  takesMs = 0;
  version = '1';
  readonly asked: (readonly string[])[] = [];
  private elapsedMs = 0;

  constructor() {
    jest.spyOn(performance, 'now').mockImplementation(() => this.elapsedMs);
  }

  pass(ms: number): void {
    this.elapsedMs += ms;
  }

  statementForRequest(sql: string, ...parameters: readonly string[]): Promise<unknown[]> {
    return Promise.resolve(this.answer(sql, parameters));
  }

  private answer(sql: string, parameters: readonly string[]): unknown[] {
    if (sql === COUNT_CHUNKS_SQL) return [{ chunks: 16 * 21, bucketChunks: 21 }];
    if (sql === READ_BUILDS_OF_SPAN_SQL) return [{ version: this.version, weeks: null }];
    this.pass(this.takesMs);
    this.asked.push(parameters);
    if (sql === COUNT_SPANS.part) return [{ activeCount: 10, newCount: 1 }];
    if (sql !== READ_PLACE_IDS_SQL) throw new Error(`Nobody expects ${sql}`);
    const [first, last] = parameters.slice(0, 2).map((day) => Date.parse(day) / 86_400_000) as [
      number,
      number,
    ];
    const start = Date.parse(YEAR.first) / 86_400_000;
    return Array.from({ length: last - first + 1 }, (_, n) => ({
      dayIndex: first - start + n,
      place: '广东省',
      ids: IDS,
    }));
  }
}

let database: SlowDatabase;

function open(limits = SPAN_LIMITS): ActiveSpansRepositoryImpl {
  return new ActiveSpansRepositoryImpl(database as unknown as PrismaService, limits);
}

beforeEach(() => {
  database = new SlowDatabase();
});

afterEach(() => {
  jest.restoreAllMocks();
});

const KEPT = { ...SPAN_LIMITS, keptRows: 0 };
const FIGURES = [
  ['a span', (spans: ActiveSpansRepositoryImpl) => spans.countSpans([YEAR], null)],
  ['a breakdown', (spans: ActiveSpansRepositoryImpl) => spans.countPlaces(YEAR, 'province')],
] as const;

describe.each(FIGURES)('%s that takes longer than an answer may', (_, ask) => {
  it('is answered once it was asked often enough: each request goes on where the last one ended', async () => {
    const expected = await ask(open(KEPT));
    database.takesMs = 400;
    const spans = open(KEPT);
    let refusals = 0;
    for (; refusals < 100; refusals++) {
      const result = await ask(spans).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'answer_too_slow' });
        return null;
      });
      if (result === null) continue;
      expect(result).toEqual(expected);
      break;
    }
    expect(refusals).toBeGreaterThan(1);
    expect(refusals).toBeLessThanOrEqual(BUCKETS);
  });

  it('is counted anew after a build', async () => {
    const spans = open(KEPT);
    await ask(spans);
    const first = database.asked.length;
    await ask(spans);
    expect(database.asked).toHaveLength(first);
    database.version = '2';
    await ask(spans);
    expect(database.asked).toHaveLength(2 * first);
  });

  it('asks the database nothing more once its answer was given up', async () => {
    database.takesMs = 2_000;
    await expect(ask(open())).rejects.toMatchObject({ code: 'answer_too_slow' });
    const asked = database.asked.length;
    expect(asked).toBeLessThanOrEqual(SPAN_LIMITS.lanes);
    await new Promise(setImmediate);
    expect(database.asked).toHaveLength(asked);
  });

  it('ends with its request, whose client may have left', async () => {
    let work: Promise<unknown> | undefined;
    await runWork({ requestId: 'request-1', trace: null }, () => {
      work = ask(open());
      return Promise.resolve();
    });
    await expect(work).rejects.toMatchObject({ code: 'answer_too_slow' });
  });

  it('is counted once for all who ask for it at the same time', async () => {
    const expected = await ask(open(KEPT));
    const statements = database.asked.length;
    const spans = open(KEPT);
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(spans)));
    for (const answer of answers) expect(answer).toEqual(expected);
    expect(database.asked).toHaveLength(2 * statements);
  });

  it('waits for its turn, and is refused when too many wait', async () => {
    const spans = open({
      ...SPAN_LIMITS,
      lanes: 1,
      requests: 2,
      places: { ...SPAN_LIMITS.places, lanes: 1, waiting: 1 },
    });
    const answers = await Promise.allSettled(Array.from({ length: 4 }, () => ask(spans)));
    const refused = answers.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const each of refused) expect(each).toMatchObject({ reason: { code: 'overloaded' } });
    expect(refused.length).toBeLessThan(4);
    await expect(ask(spans)).resolves.toBeDefined();
  });
});

describe('a figure in parts', () => {
  it.each([1, 3])('is refused before its first part or not at all, with %s lanes', async (lanes) => {
    const spans = open({ ...SPAN_LIMITS, lanes });
    await FIGURES[0][1](spans);
    const partsOfOne = database.asked.length;
    const asked: Promise<unknown>[] = [];
    for (let n = 0; n < 60; n++) {
      asked.push(FIGURES[0][1](spans));
      // Others come while parts of the first ones end and queue again.
      for (let turn = 0; turn < n % 7; turn++) await Promise.resolve();
    }
    const answers = await Promise.allSettled(asked);
    const refused = answers.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const each of refused) expect(each).toMatchObject({ reason: { code: 'overloaded' } });
    expect(database.asked).toHaveLength((1 + answers.length - refused.length) * partsOfOne);
  });

  it('is answered from its kept parts also while as many figures as may are at work', async () => {
    const spans = open({ ...KEPT, requests: 1 });
    const kept = await FIGURES[0][1](spans);
    const others = Promise.all([spans.countSpans([{ ...YEAR, first: '2024-01-02' }], null)]);
    await expect(FIGURES[0][1](spans)).resolves.toEqual(kept);
    await others;
  });

  it('has its place among the figures at work until its last part has ended', async () => {
    const spans = open({ ...SPAN_LIMITS, requests: 1 });
    const parts: (() => void)[] = [];
    jest.spyOn(database, 'statementForRequest').mockImplementation((sql) => {
      if (sql === COUNT_CHUNKS_SQL) return Promise.resolve([{ chunks: 16 * 21, bucketChunks: 21 }]);
      if (sql === READ_BUILDS_OF_SPAN_SQL) return Promise.resolve([{ version: '1', weeks: null }]);
      if (parts.length === 0) {
        parts.push(() => undefined);
        return Promise.reject(new Error('The connection has ended'));
      }
      return new Promise((resolve) => {
        parts.push(() => {
          resolve([{ activeCount: 10, newCount: 1 }]);
        });
      });
    });
    const failed = FIGURES[0][1](spans).catch((error: unknown) => error);
    await new Promise(setImmediate);
    await expect(FIGURES[0][1](spans)).rejects.toMatchObject({ code: 'overloaded' });
    for (const end of parts) end();
    await expect(failed).resolves.toThrow('The connection has ended');
    expect(parts).toHaveLength(SPAN_LIMITS.lanes);
  });
});

describe('a breakdown of many actives', () => {
  const places = { ...SPAN_LIMITS.places, readChars: 10 * IDS.length };

  it('reads as many days at a time as its memory allows', async () => {
    await open({ ...SPAN_LIMITS, places: { ...places, firstIds: 5 * 21 * 15_872 } }).countPlaces(
      YEAR,
      'city',
    );
    const days = database.asked.map(
      ([first, last]) => (Date.parse(last as string) - Date.parse(first as string)) / 86_400_000 + 1,
    );
    expect(Math.max(...days)).toBe(10);
    expect(days[0]).toBe(5);
    expect(days.reduce((sum, each) => sum + each)).toBe(366 * BUCKETS);
  });

  it('lets others run while it decodes', async () => {
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns++;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    let now = 0;
    // Each list takes a moment, and all of them less than an answer may.
    jest.spyOn(performance, 'now').mockImplementation(() => (now += 0.05));
    try {
      await open().countPlaces(YEAR, 'province');
    } finally {
      isOver = true;
    }
    expect(turns).toBeGreaterThan(BUCKETS);
  });

  it('is refused when no request could read one bucket in its time, and says how much can be asked for', async () => {
    const limits = { ...SPAN_LIMITS, places: { ...places, firstIds: 1, bucketChars: 100 * IDS.length } };
    await expect(open(limits).countPlaces(YEAR, 'province')).rejects.toMatchObject({
      code: 'date_range_invalid',
      field: 'endDate',
      message: expect.stringMatching(/at most 100 days.*366/),
    });
    const inside = { first: YEAR.first, last: '2024-04-09' };
    await expect(open(limits).countPlaces(inside, 'province')).resolves.toEqual(
      new Map([['广东省', 16_000]]),
    );
  });

  it('is refused when its sets outgrow the memory of a request', async () => {
    const limits = { ...SPAN_LIMITS, places: { ...places, setBytes: 1 } };
    await expect(open(limits).countPlaces(YEAR, 'city')).rejects.toMatchObject({
      code: 'request_invalid',
      errors: [{ field: 'breakdown', message: expect.stringContaining('city=NAME') }],
    });
  });
});
