import { describe, expect, it } from '@jest/globals';

import { COUNT_CHUNKS_SQL } from '../../../../../src/infrastructure/persistence/actives/chunk-counts.js';
import { COUNT_SPANS } from '../../../../../src/infrastructure/persistence/actives/span-statements.js';
import { READ_BUILDS_OF_SPAN_SQL } from '../../../../../src/infrastructure/persistence/actives/week-statements.js';
import type { PrismaService } from '../../../../../src/infrastructure/persistence/prisma/prisma.service.js';
import { ActiveSpansRepositoryImpl } from '../../../../../src/infrastructure/persistence/repositories/active-spans.repository.impl.js';

const WEEK = { first: '2025-06-02', last: '2025-06-08' };

/** A database whose week lacks the user whom a build adds; only the days have her. */
function countWhile({ isBuilt }: { readonly isBuilt: boolean }): Promise<unknown> {
  let version = 1;
  const statementForRequest = (sql: string, ...parameters: readonly string[]): Promise<unknown[]> => {
    if (sql === COUNT_CHUNKS_SQL) return Promise.resolve([{ chunks: 16, bucketChunks: 1 }]);
    if (sql === READ_BUILDS_OF_SPAN_SQL)
      return Promise.resolve([{ version: String(version), weeks: version === 1 ? WEEK.first : null }]);
    expect(sql).toBe(COUNT_SPANS.whole);
    if (isBuilt) version = 2;
    const readsWeek = parameters[4] === '{true}';
    return Promise.resolve([{ activeCount: readsWeek ? 10 : 11, newCount: isBuilt ? 11 : 10 }]);
  };
  const prisma = { statementForRequest } as unknown as PrismaService;
  return new ActiveSpansRepositoryImpl(prisma).countSpans([WEEK], null);
}

describe('a span with a week in it', () => {
  it('is counted from the week while no day is built', async () => {
    await expect(countWhile({ isBuilt: false })).resolves.toEqual([{ activeCount: 10, newCount: 10 }]);
  });

  it('never has more new users than active ones, also when a build comes between', async () => {
    await expect(countWhile({ isBuilt: true })).resolves.toEqual([{ activeCount: 11, newCount: 11 }]);
  });
});
