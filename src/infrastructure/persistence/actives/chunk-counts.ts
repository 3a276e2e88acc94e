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

export interface ChunkCounts {
  readonly chunks: number;
  readonly bucketChunks: number;
}

export async function countChunks(prisma: RequestStatements): Promise<ChunkCounts> {
  const [row] = await prisma.statementForRequest<{ chunks: number; bucketChunks: number }>(COUNT_CHUNKS_SQL);
  return row ?? { chunks: 0, bucketChunks: 0 };
}
