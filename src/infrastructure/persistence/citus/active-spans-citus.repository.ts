import type {
  CohortRow,
  DayFlow,
  DaySpan,
  RollingCount,
  SpanCount,
} from '../../../domain/value-objects/active-span.vo.js';
import type { PlaceFilter } from '../../../domain/value-objects/place-filter.vo.js';
import type { Cohort } from '../../../shared/rules/active-interval.rule.js';
import { addDaysToKey, countDays, type DateKey } from '../../../shared/utils/timezone.util.js';
import { BIT_KIND } from '../actives/day-bits-writer.js';
import type { PartCache } from '../actives/part-cache.js';
import { PlaceActivesReader } from '../actives/place-counts.js';
import type { PlaceLimits } from '../actives/span-limits.js';
import { toArrayLiteral } from '../mappers/array-literal.js';
import { ActiveSpansRepositoryImpl } from '../repositories/active-spans.repository.impl.js';
import {
  COUNT_BUCKET_COHORTS_SQL,
  COUNT_BUCKET_FLOWS_SQL,
  COUNT_BUCKET_RETENTION_SQL,
  COUNT_BUCKET_ROLLING_SQL,
  COUNT_BUCKET_SPANS_SQL,
} from './bucket-span-statements.js';
import { BUCKETS } from './buckets.js';

type Stored<T> = { readonly [Key in keyof T]: T[Key] };

/** Counts bits on the nodes of a Citus cluster: each unites the chunks of its buckets, and the coordinator adds. */
export class ActiveSpansCitusRepository extends ActiveSpansRepositoryImpl {
  /**
   * Keeps nothing and unites no weeks: a build commits on the coordinator first, so its version may name bits that a
   * worker lacks yet.
   */
  protected override openPlaces(cache: PartCache, limits: PlaceLimits): PlaceActivesReader {
    return new PlaceActivesReader(this.prisma, cache, limits, { buckets: BUCKETS, hasWeeks: false });
  }

  override async countSpans(spans: readonly DaySpan[], place: PlaceFilter | null): Promise<SpanCount[]> {
    if (spans.length === 0) return [];
    if (place !== null) return this.places.countSpans(spans, place);
    const rows = await this.prisma.statementForRequest<Stored<SpanCount> & { span: number }>(
      COUNT_BUCKET_SPANS_SQL,
      toArrayLiteral(spans.map(({ first }) => first)),
      toArrayLiteral(spans.map(({ last }) => last)),
    );
    const counted = new Map(rows.map(({ span, activeCount, newCount }) => [span, { activeCount, newCount }]));
    return spans.map((_, index) => counted.get(index + 1) ?? { activeCount: 0, newCount: 0 });
  }

  override async countRolling(
    span: DaySpan,
    window: number,
    place: PlaceFilter | null,
  ): Promise<RollingCount[]> {
    if (place !== null) return this.places.countRolling(span, window, place);
    const rows = await this.prisma.statementForRequest<Stored<RollingCount>>(
      COUNT_BUCKET_ROLLING_SQL,
      span.first,
      span.last,
      String(window),
    );
    return fill(span, rows, (day) => ({ day, activeCount: 0, dauCount: 0 }));
  }

  override async countFlows(span: DaySpan): Promise<DayFlow[]> {
    const rows = await this.prisma.statementForRequest<Stored<DayFlow>>(
      COUNT_BUCKET_FLOWS_SQL,
      span.first,
      span.last,
    );
    return fill(span, rows, (day) => ({ day, dauCount: 0, newCount: 0, keptCount: 0 }));
  }

  override async countRetention(
    span: DaySpan,
    cohort: Cohort,
    after: readonly number[],
    lastDay: DateKey,
  ): Promise<CohortRow[]> {
    const kind = String(BIT_KIND[cohort]);
    const sizes = await this.prisma.statementForRequest<{ day: string; size: number }>(
      COUNT_BUCKET_COHORTS_SQL,
      ...[span.first, span.last, kind],
    );
    const counts = await this.prisma.statementForRequest<{ day: string; after: number; count: number }>(
      COUNT_BUCKET_RETENTION_SQL,
      ...[span.first, span.last, kind, toArrayLiteral(after.map(String)), lastDay],
    );
    const sizeOf = new Map(sizes.map(({ day, size }) => [day, size]));
    const countOf = new Map(counts.map(({ day, after: days, count }) => [`${day}/${days}`, count]));
    return daysOf(span).map((day) => ({
      day,
      cohortSize: sizeOf.get(day) ?? 0,
      retained: new Map(
        [...after]
          .sort((a, b) => a - b)
          .filter((days) => addDaysToKey(day, days) <= lastDay)
          .map((days) => [days, countOf.get(`${day}/${days}`) ?? 0]),
      ),
    }));
  }
}

function daysOf({ first, last }: DaySpan): DateKey[] {
  return Array.from({ length: countDays(first, last) }, (_, index) => addDaysToKey(first, index));
}

/** Returns a row for each day; one without bits has no row in the database. */
function fill<Row extends { readonly day: DateKey }>(
  span: DaySpan,
  rows: readonly Row[],
  none: (day: DateKey) => Row,
): Row[] {
  const stored = new Map(rows.map((row) => [row.day, row]));
  return daysOf(span).map((day) => stored.get(day) ?? none(day));
}
