import { countDays } from '../../../shared/utils/timezone.util.js';
import { AnswerDeadline } from './answer-deadline.js';
import { CHUNK_BITS } from './bit-chunks.js';
import { countChunks, readVersion, type RequestStatements } from './bits-version.js';
import { Lanes } from './lanes.js';
import { PartCache } from './part-cache.js';
import { PlaceReads, type PlaceQuery, type PlaceRead } from './place-reads.js';
import type { PlaceLimits } from './span-limits.js';

const COUNT_BYTES = 100;

/** Counts of one bucket by name. */
export type BucketCounts = ReadonlyMap<string, number>;

/** Counts one bucket from reads of its days, in order. */
export interface BucketWork {
  add(read: PlaceRead, reads: Pick<PlaceReads, 'rest'>): Promise<void>;
  end(reads: Pick<PlaceReads, 'rest'>): Promise<BucketCounts>;
}

/** Runs the work on each bucket. Those of an expensive figure are kept for a request after one that ends early. */
export class PlaceBuckets {
  private readonly lanes: Lanes;

  constructor(
    private readonly prisma: RequestStatements,
    private readonly cache: PartCache,
    private readonly options: { readonly limits: PlaceLimits; readonly buckets: readonly number[] },
  ) {
    this.lanes = new Lanes(options.limits.lanes, options.limits.waiting);
  }

  /** @throws ApplicationException `answer_too_slow` and `overloaded`, beside the errors of a statement */
  async count(
    query: PlaceQuery & { readonly name: string },
    begin: () => BucketWork,
  ): Promise<BucketCounts[]> {
    const deadline = new AnswerDeadline();
    const { limits, buckets } = this.options;
    return this.lanes.run(deadline, async () => {
      const { bucketChunks } = await countChunks(this.prisma);
      const identitiesABucket = bucketChunks * CHUNK_BITS;
      const key = await this.keyOf(query, identitiesABucket * buckets.length);
      const asked = {
        query,
        key,
        reads: new PlaceReads(this.prisma, query, { identitiesABucket, deadline, limits }),
      };
      const countAll = (): Promise<BucketCounts[]> => this.countBuckets(asked, begin);
      return key === null ? countAll() : this.cache.inTurn(key, countAll);
    });
  }

  private async countBuckets(
    {
      query,
      key,
      reads,
    }: { readonly query: PlaceQuery; readonly key: string | null; readonly reads: PlaceReads },
    begin: () => BucketWork,
  ): Promise<BucketCounts[]> {
    const { buckets } = this.options;
    const kept = new Map<number, BucketCounts>();
    for (const bucket of key === null ? [] : buckets) {
      const counts = this.cache.find<BucketCounts>(`${key} ${bucket}`);
      if (counts !== undefined) kept.set(bucket, counts);
    }
    const missing = buckets.filter((bucket) => !kept.has(bucket));
    const last = countDays(query.span.first, query.span.last) - 1;
    let work = begin();
    for await (const read of reads.of(missing)) {
      await work.add(read, reads);
      if (read.days[1] < last) continue;
      const counts = await work.end(reads);
      kept.set(read.bucket, counts);
      if (key !== null) this.cache.put(`${key} ${read.bucket}`, counts, COUNT_BYTES * counts.size);
      work = begin();
    }
    return [...kept.values()];
  }

  private async keyOf(
    { name, span, place }: PlaceQuery & { readonly name: string },
    identities: number,
  ): Promise<string | null> {
    if (countDays(span.first, span.last) * identities < this.options.limits.keptIds) return null;
    const version = await readVersion(this.prisma, span.last);
    return PartCache.keyOf(name, span.first, span.last, place.level, place.place, version);
  }
}
