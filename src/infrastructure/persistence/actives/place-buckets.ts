import { AnswerDeadline } from './answer-deadline.js';
import { CHUNK_BITS } from './bit-chunks.js';
import { countChunks, type RequestStatements } from './chunk-counts.js';
import { Lanes } from './lanes.js';
import { PartCache } from './part-cache.js';
import { PlaceReads, type PlaceQuery, type PlaceRead } from './place-reads.js';
import type { PlaceLimits } from './span-limits.js';
import { divideSpan, readBuildsOfSpan, unionsOf, type SpanBuilds, type SpanPiece } from './span-pieces.js';

const COUNT_BYTES = 100;
const NO_WEEKS: ReadonlyMap<string, string> = new Map();

/** Counts of one bucket by name. */
export type BucketCounts = ReadonlyMap<string, number>;

/** Counts one bucket from reads of its days, in order. */
export interface BucketWork {
  add(read: PlaceRead, reads: Pick<PlaceReads, 'rest'>): Promise<void>;
  end(reads: Pick<PlaceReads, 'rest'>): Promise<BucketCounts>;
}

type NamedQuery = Omit<PlaceQuery, 'pieces'> & { readonly name: string };

/** Sources of a repository that reads places. */
export interface PlaceSources {
  readonly buckets: readonly number[];
  /** False where the weeks are not united, and counts are not kept. */
  readonly hasWeeks: boolean;
}

/** Runs the work on each bucket. Those of an expensive figure are kept for a request after one that ends early. */
export class PlaceBuckets {
  private readonly lanes: Lanes;

  constructor(
    private readonly prisma: RequestStatements,
    private readonly cache: PartCache,
    private readonly options: PlaceSources & { readonly limits: PlaceLimits },
  ) {
    this.lanes = new Lanes(options.limits.lanes, options.limits.waiting);
  }

  /** @throws ApplicationException `answer_too_slow` and `overloaded`, beside the errors of a statement */
  async count(
    query: NamedQuery & { readonly takesWeeks: boolean },
    begin: () => BucketWork,
  ): Promise<BucketCounts[]> {
    const deadline = new AnswerDeadline();
    return this.lanes.run(deadline, async () => {
      const read = (): Promise<SpanBuilds> => readBuildsOfSpan(this.prisma, query.span);
      const builds = this.options.hasWeeks ? await read() : null;
      const pieces = divideSpan(query.span, query.takesWeeks && builds !== null ? builds.weeks : NO_WEEKS);
      const counts = await this.countPieces({ ...query, pieces }, { builds, deadline }, begin);
      if (builds === null || !pieces.some(({ isWeek }) => isWeek)) return counts;
      // A week may have been removed while it was read.
      const after = await read();
      if (unionsOf(pieces, after) === unionsOf(pieces, builds)) return counts;
      const days = { ...query, pieces: divideSpan(query.span, NO_WEEKS) };
      return this.countPieces(days, { builds: after, deadline }, begin);
    });
  }

  private async countPieces(
    query: NamedQuery & { readonly pieces: readonly SpanPiece[] },
    { builds, deadline }: { readonly builds: SpanBuilds | null; readonly deadline: AnswerDeadline },
    begin: () => BucketWork,
  ): Promise<BucketCounts[]> {
    const { limits, buckets } = this.options;
    const { bucketChunks } = await countChunks(this.prisma);
    const identitiesABucket = bucketChunks * CHUNK_BITS;
    const key = this.keyOf(query, builds, query.pieces.length * identitiesABucket * buckets.length);
    const asked = {
      key,
      lastPiece: query.pieces.length - 1,
      reads: new PlaceReads(this.prisma, query, { identitiesABucket, deadline, limits }),
    };
    const countAll = (): Promise<BucketCounts[]> => this.countBuckets(asked, begin);
    return key === null ? countAll() : this.cache.inTurn(key, countAll);
  }

  private async countBuckets(
    {
      key,
      lastPiece,
      reads,
    }: { readonly key: string | null; readonly lastPiece: number; readonly reads: PlaceReads },
    begin: () => BucketWork,
  ): Promise<BucketCounts[]> {
    const { buckets } = this.options;
    const kept = new Map<number, BucketCounts>();
    for (const bucket of key === null ? [] : buckets) {
      const counts = this.cache.find<BucketCounts>(`${key} ${bucket}`);
      if (counts !== undefined) kept.set(bucket, counts);
    }
    const missing = buckets.filter((bucket) => !kept.has(bucket));
    let work = begin();
    for await (const read of reads.of(missing)) {
      await work.add(read, reads);
      if (read.pieces[1] < lastPiece) continue;
      const counts = await work.end(reads);
      kept.set(read.bucket, counts);
      if (key !== null) this.cache.put(`${key} ${read.bucket}`, counts, COUNT_BYTES * counts.size);
      work = begin();
    }
    return [...kept.values()];
  }

  /** Returns null where counts are not kept. */
  private keyOf(
    { name, span, place, pieces }: NamedQuery & { readonly pieces: readonly SpanPiece[] },
    builds: SpanBuilds | null,
    ids: number,
  ): string | null {
    if (builds === null || ids < this.options.limits.keptIds) return null;
    return PartCache.keyOf(
      name,
      span.first,
      span.last,
      place.level,
      place.place,
      builds.version,
      unionsOf(pieces, builds),
    );
  }
}
