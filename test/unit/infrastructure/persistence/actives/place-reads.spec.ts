import { describe, expect, it } from '@jest/globals';

import { AnswerDeadline } from '../../../../../src/infrastructure/persistence/actives/answer-deadline.js';
import { PlaceReads } from '../../../../../src/infrastructure/persistence/actives/place-reads.js';
import {
  SPAN_LIMITS,
  type PlaceLimits,
} from '../../../../../src/infrastructure/persistence/actives/span-limits.js';
import { divideSpan } from '../../../../../src/infrastructure/persistence/actives/span-pieces.js';
import type { PrismaService } from '../../../../../src/infrastructure/persistence/prisma/prisma.service.js';
import { addDaysToKey, countDays } from '../../../../../src/shared/utils/timezone.util.js';

const FIRST = '2024-01-01';
const YEAR = 366;

interface Case {
  readonly days?: number;
  readonly buckets?: number;
  readonly firstStep?: number;
  readonly limits?: Partial<PlaceLimits>;
}

/** Reads lists that have as many characters on a day as `charsOf` says; returns the characters of each read. */
async function readAll(
  charsOf: (day: number) => number,
  { days = YEAR, buckets = 1, firstStep = 1, limits }: Case,
): Promise<number[]> {
  const statementForRequest = (_: string, ...[first, last]: readonly string[]): Promise<unknown[]> => {
    const start = countDays(FIRST, first as string) - 1;
    const read = Array.from({ length: countDays(first as string, last as string) }, (__, n) => start + n);
    return Promise.resolve(
      read.flatMap((dayIndex) => {
        const ids = 'A'.repeat(charsOf(dayIndex));
        return ids === '' ? [] : [{ dayIndex, place: '广东省', ids }];
      }),
    );
  };
  const span = { first: FIRST, last: addDaysToKey(FIRST, days - 1) };
  const reads = new PlaceReads(
    { statementForRequest } as unknown as PrismaService,
    {
      span,
      pieces: divideSpan(span, new Set()),
      place: { level: 'province', place: '' },
      withNew: false,
    },
    {
      identitiesABucket: 1,
      deadline: new AnswerDeadline(60_000),
      limits: { ...SPAN_LIMITS.places, firstIds: firstStep, ...limits },
    },
  );
  const read: number[] = [];
  for await (const { rows } of reads.of(Array.from({ length: buckets }, (_, bucket) => bucket)))
    read.push(rows.reduce((sum, { ids }) => sum + ids.length, 0));
  return read;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}

describe('the bound of a bucket', () => {
  const limits = { readChars: 6_000, bucketChars: 128_000 };

  it.each([
    ['grow', (day: number) => Math.round((508 * day) / YEAR)],
    ['shrink after the middle', (day: number) => Math.max(0, 400 - Math.abs(2 * (day - 180)))],
    ['come in the last month only', (day: number) => (day < 336 ? 0 : 3_000)],
  ])('lets pass a range whose lists fit, also when they %s', async (_, charsOf) => {
    const total = sumOf(Array.from({ length: YEAR }, (__, day) => Math.trunc(charsOf(day))));
    expect(total).toBeLessThan(limits.bucketChars);
    const read = await readAll((day) => Math.trunc(charsOf(day)), { buckets: 3, limits });
    expect(sumOf(read)).toBe(3 * total);
  });

  it('names the days that fit, those before the first user included', async () => {
    const afterLaunch = (day: number): number => (day < 100 ? 0 : 1_000);
    const asked = { limits: { readChars: 1, bucketChars: 50_000 } };
    await expect(readAll(afterLaunch, asked)).rejects.toMatchObject({
      code: 'date_range_invalid',
      message: expect.stringMatching(/at most 150 days.*366/),
    });
    expect(sumOf(await readAll(afterLaunch, { ...asked, days: 150 }))).toBe(50_000);
  });

  it('names fewer days than were read when these are too many by themselves', async () => {
    const peak = (day: number): number => (day === 3 ? 80_000 : 0);
    await expect(readAll(peak, { firstStep: 4, limits: { bucketChars: 50_000 } })).rejects.toMatchObject({
      code: 'date_range_invalid',
      message: expect.stringMatching(/at most 2 days.*366/),
    });
  });
});

describe('the size of a read', () => {
  const limits = { readChars: 60_000, bucketChars: Infinity };

  it.each([
    ['nobody came for half a year', (day: number) => (day < 190 ? 0 : 10_000)],
    ['days without anybody come between', (day: number) => (day % 150 < 100 ? 0 : 10_000)],
    ['few came for half a year, in each bucket but the first', (day: number) => (day < 190 ? 1 : 10_000)],
  ])('stays within memory when %s', async (name, charsOf) => {
    const reads = await readAll(charsOf, { buckets: 3, firstStep: 6, limits });
    expect(sumOf(reads)).toBe(3 * sumOf(Array.from({ length: YEAR }, (_, day) => charsOf(day))));
    const inFirst = name.startsWith('few') ? reads.findIndex((chars) => chars > limits.readChars) + 1 : 0;
    // A read that begins before a launch and ends after it shows a part of the growth.
    expect(Math.max(...reads.slice(inFirst))).toBeLessThanOrEqual(2 * limits.readChars);
  });

  it('is small in days without anybody for the first bucket only', async () => {
    const reads = await readAll(() => 0, { buckets: 16, firstStep: 2, limits });
    expect(reads.length).toBeLessThan(YEAR / 2 + 15 * 10);
  });

  it('grows while the lists are short', async () => {
    const reads = await readAll(() => 1, { limits });
    expect(reads).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 111]);
  });
});
