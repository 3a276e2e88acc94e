import type { DaySpan, RollingCount, SpanCount } from '../../../domain/value-objects/active-span.vo.js';
import type { PlaceFilter } from '../../../domain/value-objects/place-filter.vo.js';
import type { PlaceLevel } from '../../../shared/rules/active-interval.rule.js';
import { addDaysToKey, countDays, type DateKey } from '../../../shared/utils/timezone.util.js';
import { ACTIVE_LEVEL } from '../mappers/active-count.mapper.js';
import type { PrismaService } from '../prisma/prisma.service.js';
import { CHUNK_BITS } from './bit-chunks.js';
import { decodeIds } from './id-list.js';
import { IdSet } from './id-set.js';
import { IDENTITY_BUCKETS } from './identity-buckets.js';
import { RollingWindow } from './rolling-window.js';
import { READ_NEW_BITS_SQL, READ_PLACE_IDS_SQL } from './span-statements.js';

/** Bytes of the length before the bits that PostgreSQL sends. */
const LENGTH_BYTES = 4;
const FIRST_LIST_BYTES = 64 * 1024;

interface PlaceIdsRow {
  /** Days after the first day of the span. */
  readonly dayIndex: number;
  readonly place: string;
  /** Base64. */
  readonly ids: string;
}

interface NewBitsRow {
  readonly dayIndex: number;
  readonly chunk: number;
  readonly bits: Buffer;
}

/** Counts who was seen in places: unites the lists of ids bucket by bucket, so that memory holds one bucket. */
export class PlaceActivesReader {
  constructor(
    private readonly prisma: PrismaService,
    private readonly buckets = IDENTITY_BUCKETS,
  ) {}

  async countPlaces(span: DaySpan, level: PlaceLevel): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    // The sets of a bucket serve the next one, which has about as many ids.
    const seen = new Map<string, IdSet>();
    await this.forEachBucket(span, { level, place: '' }, (rows) => {
      for (const { place, ids } of rows) {
        let set = seen.get(place);
        if (set === undefined) seen.set(place, (set = new IdSet()));
        set.addList(toBytes(ids));
      }
      for (const [place, set] of seen) {
        counts.set(place, (counts.get(place) ?? 0) + set.count());
        set.clear();
      }
    });
    return counts;
  }

  async countSpans(
    spans: readonly DaySpan[],
    place: Pick<PlaceFilter, 'level' | 'place'>,
  ): Promise<SpanCount[]> {
    const whole = { first: spans[0]?.first ?? '', last: spans.at(-1)?.last ?? '' };
    const counts = spans.map(() => ({ activeCount: 0, newCount: 0 }));
    const spanOfDay = indexDays(whole.first, spans);
    await this.forEachBucket(whole, place, async (rows, bucket) => {
      const newcomers = await this.readNew(whole, bucket, spanOfDay);
      let current = -1;
      let seen = new IdSet();
      // Rows come by day and spans do not overlap, so one set at a time is enough.
      for (const { dayIndex, ids } of rows) {
        const index = spanOfDay[dayIndex] as number;
        if (index !== current) seen = new IdSet();
        current = index;
        const [count, fresh, set] = [counts[index], newcomers[index], seen];
        if (count === undefined) continue;
        decodeIds(toBytes(ids), (id) => {
          if (!set.add(id)) return;
          count.activeCount++;
          if (fresh?.has(id) === true) count.newCount++;
        });
      }
    });
    return counts;
  }

  async countRolling(
    { first, last }: DaySpan,
    window: number,
    place: Pick<PlaceFilter, 'level' | 'place'>,
  ): Promise<RollingCount[]> {
    const whole = { first: addDaysToKey(first, 1 - window), last };
    const days = countDays(whole.first, last);
    const counts = Array.from({ length: days - window + 1 }, (_, index) => ({
      day: addDaysToKey(first, index),
      activeCount: 0,
      dauCount: 0,
    }));
    await this.forEachBucket(whole, place, (rows) => {
      const idsOfDay = new Map(rows.map(({ dayIndex, ids }) => [dayIndex, ids]));
      const rolling = new RollingWindow(days);
      for (let day = 0; day < days; day++) {
        let dau = 0;
        const ids = idsOfDay.get(day);
        if (ids !== undefined) {
          decodeIds(toBytes(ids), (id) => {
            rolling.add(id, day);
            dau++;
          });
        }
        const count = counts[day - window + 1];
        if (count === undefined) continue;
        count.dauCount += dau;
        count.activeCount += rolling.count(day, window);
      }
    });
    return counts;
  }

  /** Reads the next bucket while the work on one is done. @param place an empty name stands for every place */
  private async forEachBucket(
    span: DaySpan,
    place: Pick<PlaceFilter, 'level' | 'place'>,
    work: (rows: readonly PlaceIdsRow[], bucket: number) => void | Promise<void>,
  ): Promise<void> {
    let next = this.readBucket(span, place, this.buckets[0] as number);
    for (const [index, bucket] of this.buckets.entries()) {
      const rows = await next;
      const following = this.buckets[index + 1];
      if (following !== undefined) {
        next = this.readBucket(span, place, following);
        // A failure is reported when it is awaited; until then it must not count as unhandled.
        next.catch(() => undefined);
      }
      await work(rows, bucket);
    }
  }

  private readBucket(
    { first, last }: DaySpan,
    { level, place }: Pick<PlaceFilter, 'level' | 'place'>,
    bucket: number,
  ): Promise<PlaceIdsRow[]> {
    return this.prisma.statementForRequest<PlaceIdsRow>(
      READ_PLACE_IDS_SQL,
      first,
      last,
      String(ACTIVE_LEVEL[level]),
      String(bucket),
      place,
    );
  }

  private async readNew(
    { first, last }: DaySpan,
    bucket: number,
    spanOfDay: readonly number[],
  ): Promise<readonly (NewIds | undefined)[]> {
    const rows = await this.prisma.statementForRequest<NewBitsRow>(
      READ_NEW_BITS_SQL,
      first,
      last,
      String(bucket),
    );
    const found: (NewIds | undefined)[] = [];
    for (const { dayIndex, chunk, bits } of rows) {
      const index = spanOfDay[dayIndex] as number;
      (found[index] ??= new NewIds()).add(chunk, bits);
    }
    return found;
  }
}

/** The identities of one bucket that were new during a span, as PostgreSQL's bits by chunk. */
class NewIds {
  private readonly chunks = new Map<number, Buffer[]>();

  add(chunk: number, bits: Buffer): void {
    const stored = this.chunks.get(chunk);
    if (stored === undefined) this.chunks.set(chunk, [bits]);
    else stored.push(bits);
  }

  has(id: number): boolean {
    const chunk = Math.floor(id / CHUNK_BITS);
    const offset = id - chunk * CHUNK_BITS;
    const byte = LENGTH_BYTES + (offset >> 3);
    const mask = 0x80 >> (offset & 7);
    return this.chunks.get(chunk)?.some((bits) => ((bits[byte] as number) & mask) !== 0) === true;
  }
}

let decoded = Buffer.allocUnsafeSlow(FIRST_LIST_BYTES);

/** Returns bytes that the next call overwrites: a breakdown reads thousands of lists, one after the other. */
function toBytes(base64: string): Buffer {
  if (base64.length > decoded.length) decoded = Buffer.allocUnsafeSlow(2 * base64.length);
  return decoded.subarray(0, decoded.write(base64, 'base64'));
}

/** Returns for each day from `first` the index of its span. */
function indexDays(first: DateKey, spans: readonly DaySpan[]): number[] {
  const indexes: number[] = [];
  for (const [index, span] of spans.entries()) {
    const start = countDays(first, span.first) - 1;
    for (let day = 0; day < countDays(span.first, span.last); day++) indexes[start + day] = index;
  }
  return indexes;
}
