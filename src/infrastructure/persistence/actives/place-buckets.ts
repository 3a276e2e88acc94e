import { AnswerDeadline } from './answer-deadline.js';
import { CHUNK_BITS } from './bit-chunks.js';
import { countChunks, type RequestStatements } from './chunk-counts.js';
import { Lanes } from './lanes.js';
import { PartCache } from './part-cache.js';
import { PlaceReads, type PlaceQuery, type PlaceRead } from './place-reads.js';
import type { PlaceLimits } from './span-limits.js';
import { divideSpan, readBuildsOfSpan, type SpanBuilds } from './span-pieces.js';

const COUNT_BYTES = 100;
const NO_WEEKS: ReadonlySet<string> = new Set();

/** Counts of one bucket by name. */
export type BucketCounts = ReadonlyMap<string, number>;

/** Counts one bucket from reads of its days, in order. */
export interface BucketWork {
  add(read: PlaceRead, reads: Pick<PlaceReads, 'rest'>): Promise<void>;
  end(reads: Pick<PlaceReads, 'rest'>): Promise<BucketCounts>;
}

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
    query: Omit<PlaceQuery, 'pieces'> & { readonly name: string; readonly takesWeeks: boolean },
    begin: () => BucketWork,
  ): Promise<BucketCounts[]> {
    const deadline = new AnswerDeadline();
    const { limits, buckets, hasWeeks } = this.options;
    return this.lanes.run(deadline, async () => {
      const { bucketChunks } = await countChunks(this.prisma);
      const identitiesABucket = bucketChunks * CHUNK_BITS;
      const builds = hasWeeks ? await readBuildsOfSpan(this.prisma, query.span) : null;
      const pieces = divideSpan(query.span, query.takesWeeks && builds !== null ? builds.weeks : NO_WEEKS);
      const key = this.keyOf(query, builds, pieces.length * identitiesABucket * buckets.length);
      const asked = {
        key,
        lastPiece: pieces.length - 1,
        reads: new PlaceReads(this.prisma, { ...query, pieces }, { identitiesABucket, deadline, limits }),
      };
      const countAll = (): Promise<BucketCounts[]> => this.countBuckets(asked, begin);
      return key === null ? countAll() : this.cache.inTurn(key, countAll);
    });
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

  /** Returns null where counts are not kept. Counts of a version are those of its days, united to weeks or not. */
  private keyOf(
    { name, span, place }: Pick<PlaceQuery, 'span' | 'place'> & { readonly name: string },
    builds: SpanBuilds | null,
    ids: number,
  ): string | null {
    if (builds === null || ids < this.options.limits.keptIds) return null;
    return PartCache.keyOf(name, span.first, span.last, place.level, place.place, builds.version);
  }
}
