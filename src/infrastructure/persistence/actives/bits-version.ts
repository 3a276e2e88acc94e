import type { DateKey } from '../../../shared/utils/timezone.util.js';
import type { PrismaService } from '../prisma/prisma.service.js';
import { CHUNK_BITS } from './bit-chunks.js';

/** Runs statements of requests. */
export type RequestStatements = Pick<PrismaService, 'statementForRequest'>;

/** Counts how many rows of bits a day has at most, in all and in the largest bucket. */
export const COUNT_CHUNKS_SQL = `
SELECT coalesce(sum(next_id / ${CHUNK_BITS} + 1), 0)::int AS chunks,
       coalesce(max(next_id / ${CHUNK_BITS} + 1), 0)::int AS "bucketChunks"
FROM analytics_identity_counters
`;

/** Each build writes the row of its day anew, and so changes its xmin, whatever the clocks of the replicas say. */
export const READ_VERSION_SQL = `
SELECT coalesce(sum(hashtextextended(day::text || '/' || xmin::text, 0)), 0)::text AS version
FROM analytics_active_days WHERE day <= $1::date
`;

export interface ChunkCounts {
  readonly chunks: number;
  readonly bucketChunks: number;
}

export async function countChunks(prisma: RequestStatements): Promise<ChunkCounts> {
  const [row] = await prisma.statementForRequest<{ chunks: number; bucketChunks: number }>(COUNT_CHUNKS_SQL);
  return row ?? { chunks: 0, bucketChunks: 0 };
}

/** Returns a text that changes with every build of a day up to `lastDay`. */
export async function readVersion(prisma: RequestStatements, lastDay: DateKey): Promise<string> {
  const [row] = await prisma.statementForRequest<{ version: string }>(READ_VERSION_SQL, lastDay);
  return row?.version ?? '';
}
