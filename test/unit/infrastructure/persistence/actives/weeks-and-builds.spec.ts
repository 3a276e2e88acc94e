import { describe, expect, it } from '@jest/globals';

import { COUNT_CHUNKS_SQL } from '../../../../../src/infrastructure/persistence/actives/chunk-counts.js';
import { COUNT_SPANS } from '../../../../../src/infrastructure/persistence/actives/span-statements.js';
import { READ_BUILDS_OF_SPAN_SQL } from '../../../../../src/infrastructure/persistence/actives/week-statements.js';
import type { PrismaService } from '../../../../../src/infrastructure/persistence/prisma/prisma.service.js';
import { ActiveSpansRepositoryImpl } from '../../../../../src/infrastructure/persistence/repositories/active-spans.repository.impl.js';

const WEEK = { first: '2025-06-02', last: '2025-06-08' };

type Meanwhile = 'nothing' | 'build of a day' | 'week removed' | 'week united anew';

/** A week of ten users. A build adds one to its days only, and a week that is removed while it is read has none. */
function openWhile(meanwhile: Meanwhile): ActiveSpansRepositoryImpl {
  let version = 1;
  let week: string | null = `${WEEK.first}=700`;
  const happen = (): void => {
    if (meanwhile === 'build of a day') [version, week] = [2, null];
    if (meanwhile === 'week removed') week = null;
    if (meanwhile === 'week united anew') week = `${WEEK.first}=701`;
  };
  const statementForRequest = (sql: string, ...parameters: readonly string[]): Promise<unknown[]> => {
    if (sql === COUNT_CHUNKS_SQL) return Promise.resolve([{ chunks: 16, bucketChunks: 1 }]);
    if (sql === READ_BUILDS_OF_SPAN_SQL) return Promise.resolve([{ version: String(version), weeks: week }]);
    expect(sql).toBe(COUNT_SPANS.whole);
    happen();
    const readsWeek = parameters[4] === '{true}';
    const newCount = version === 2 ? 11 : 10;
    if (readsWeek) return Promise.resolve([{ activeCount: meanwhile === 'week removed' ? 0 : 10, newCount }]);
    return Promise.resolve([{ activeCount: newCount, newCount }]);
  };
  return new ActiveSpansRepositoryImpl({ statementForRequest } as unknown as PrismaService);
}

describe('a span with a week in it', () => {
  it.each([
    ['from the week while no day is built', 'nothing', 10],
    ['so that it never has more new users than active ones', 'build of a day', 11],
    ['from its days when the week is removed meanwhile', 'week removed', 10],
    ['once more when the week is united anew meanwhile', 'week united anew', 10],
  ] as const)('is counted %s', async (_, meanwhile, count) => {
    const counts = await openWhile(meanwhile).countSpans([WEEK], null);
    expect(counts).toEqual([{ activeCount: count, newCount: count }]);
  });
});
