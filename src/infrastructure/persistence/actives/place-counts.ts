import type { DaySpan, RollingCount, SpanCount } from '../../../domain/value-objects/active-span.vo.js';
import type { PlaceFilter } from '../../../domain/value-objects/place-filter.vo.js';
import type { PlaceLevel } from '../../../shared/rules/active-interval.rule.js';
import { addDaysToKey, countDays, type DateKey } from '../../../shared/utils/timezone.util.js';
import type { RequestStatements } from './chunk-counts.js';
import { IdSet } from './id-set.js';
import { decodeIds } from './id-list.js';
import { IDENTITY_BUCKETS } from './identity-buckets.js';
import { NewIds } from './new-ids.js';
import type { PartCache } from './part-cache.js';
import { PlaceBuckets, type PlaceSources } from './place-buckets.js';
import { PlaceSets } from './place-sets.js';
import { RollingWindow } from './rolling-window.js';
import type { PlaceLimits } from './span-limits.js';

const FIRST_LIST_BYTES = 64 * 1024;
const ONE_SERVER: PlaceSources = { buckets: IDENTITY_BUCKETS, hasWeeks: true };

/** Counts who was seen in places: unites the lists of ids bucket by bucket, some days at a time. */
export class PlaceActivesReader {
  private readonly buckets: PlaceBuckets;

  constructor(
    prisma: RequestStatements,
    cache: PartCache,
    private readonly limits: PlaceLimits,
    sources = ONE_SERVER,
  ) {
    this.buckets = new PlaceBuckets(prisma, cache, { limits, ...sources });
  }

  async countPlaces(span: DaySpan, level: PlaceLevel): Promise<Map<string, number>> {
    const sets = new PlaceSets(level, this.limits.setBytes);
    const query = { name: 'places', span, place: { level, place: '' }, withNew: false, takesWeeks: true };
    const buckets = await this.buckets.count(query, () => ({
      add: async ({ rows }, reads) => {
        for (const { place, ids } of rows) {
          sets.add(place, toBytes(ids));
          await reads.rest();
        }
      },
      end: (reads) => sets.take(() => reads.rest()),
    }));
    const counts = new Map<string, number>();
    for (const bucket of buckets)
      for (const [place, count] of bucket) counts.set(place, (counts.get(place) ?? 0) + count);
    return counts;
  }

  async countSpans(
    spans: readonly DaySpan[],
    place: Pick<PlaceFilter, 'level' | 'place'>,
  ): Promise<SpanCount[]> {
    const whole = { first: spans[0]?.first ?? '', last: spans.at(-1)?.last ?? '' };
    const spanOfDay = indexDays(whole.first, spans);
    const query = { name: `spans ${spanOfDay.join()}`, span: whole, place, withNew: true, takesWeeks: false };
    const buckets = await this.buckets.count(query, () => {
      const counts = new Map<string, number>();
      let current = -1;
      let seen = new IdSet();
      const newIds = new Map<number, NewIds>();
      return {
        // Rows come by day and spans do not overlap, so one set at a time is enough. Who is seen was new by then.
        add: async ({ rows, newcomers }, reads) => {
          for (const { dayIndex, chunk, bits } of newcomers) {
            const index = spanOfDay[dayIndex] as number;
            const ids = newIds.get(index) ?? new NewIds();
            newIds.set(index, ids);
            ids.add(chunk, bits);
            await reads.rest();
          }
          for (const { dayIndex, ids } of rows) {
            const index = spanOfDay[dayIndex] as number;
            if (index !== current) {
              seen = new IdSet();
              for (const before of newIds.keys()) if (before < index) newIds.delete(before);
            }
            current = index;
            const [set, fresh] = [seen, newIds.get(index)];
            let [active, added] = [0, 0];
            decodeIds(toBytes(ids), (id) => {
              if (!set.add(id)) return;
              active++;
              if (fresh?.has(id) === true) added++;
            });
            raise(counts, `active ${index}`, active);
            raise(counts, `new ${index}`, added);
            await reads.rest();
          }
        },
        end: () => Promise.resolve(counts),
      };
    });
    return spans.map((_, index) => ({
      activeCount: sumOf(buckets, `active ${index}`),
      newCount: sumOf(buckets, `new ${index}`),
    }));
  }

  async countRolling(
    { first, last }: DaySpan,
    window: number,
    place: Pick<PlaceFilter, 'level' | 'place'>,
  ): Promise<RollingCount[]> {
    const whole = { first: addDaysToKey(first, 1 - window), last };
    const days = countDays(whole.first, last);
    const query = { name: `rolling ${window}`, span: whole, place, withNew: false, takesWeeks: false };
    const buckets = await this.buckets.count(query, () => {
      const counts = new Map<string, number>();
      const rolling = new RollingWindow(days);
      return {
        add: async ({ rows, pieces: [from, to] }, reads) => {
          const idsOfDay = new Map(rows.map(({ dayIndex, ids }) => [dayIndex, ids]));
          for (let day = from; day <= to; day++) {
            let dau = 0;
            const ids = idsOfDay.get(day);
            if (ids !== undefined) {
              decodeIds(toBytes(ids), (id) => {
                rolling.add(id, day);
                dau++;
              });
            }
            raise(counts, `dau ${day}`, dau);
            raise(counts, `active ${day}`, rolling.count(day, window));
            await reads.rest();
          }
        },
        end: () => Promise.resolve(counts),
      };
    });
    return Array.from({ length: days - window + 1 }, (_, index) => ({
      day: addDaysToKey(first, index),
      activeCount: sumOf(buckets, `active ${index + window - 1}`),
      dauCount: sumOf(buckets, `dau ${index + window - 1}`),
    }));
  }
}

function raise(counts: Map<string, number>, name: string, by: number): void {
  if (by > 0) counts.set(name, (counts.get(name) ?? 0) + by);
}

function sumOf(buckets: readonly ReadonlyMap<string, number>[], name: string): number {
  return buckets.reduce((sum, counts) => sum + (counts.get(name) ?? 0), 0);
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
