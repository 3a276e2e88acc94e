import type {
  ActiveBuilds,
  IActiveSpansRepository,
} from '../../../domain/repositories/active-spans.repository.interface.js';
import type {
  CohortRow,
  DayFlow,
  DaySpan,
  RollingCount,
  SpanCount,
} from '../../../domain/value-objects/active-span.vo.js';
import type { PlaceFilter } from '../../../domain/value-objects/place-filter.vo.js';
import type { Cohort, PlaceLevel } from '../../../shared/rules/active-interval.rule.js';
import { addDaysToKey, countDays, type DateKey } from '../../../shared/utils/timezone.util.js';
import { BIT_KIND } from '../actives/day-bits-writer.js';
import { FigureParts } from '../actives/figure-parts.js';
import { PartCache } from '../actives/part-cache.js';
import { PlaceActivesReader } from '../actives/place-counts.js';
import { SPAN_LIMITS, type PlaceLimits } from '../actives/span-limits.js';
import { divideSpan, readBuildsOfSpan, unionsOf, type SpanBuilds } from '../actives/span-pieces.js';
import {
  COUNT_FLOWS,
  COUNT_RETENTION,
  COUNT_ROLLING,
  COUNT_SPANS,
  READ_BUILDS_SQL,
} from '../actives/span-statements.js';
import { toArrayLiteral } from '../mappers/array-literal.js';
import { toInstant } from '../mappers/instant.js';
import { type PrismaService } from '../prisma/prisma.service.js';

// Costs of a day of a figure, in rows of bits that a union reads. New users of a day are in few chunks.
const NEW_COST = 0.25;
const ROLLING_COST = 6;
const FLOWS_COST = 2;
const COHORT_COST = 0.5;

interface RetentionRow extends Record<string, unknown> {
  readonly day: string;
  readonly cohortSize: number;
  readonly after: number | null;
  readonly count: number;
}

interface BuildsRow {
  readonly firstUnsettledDay: string | null;
  readonly builtAtMs: string | null;
}

export class ActiveSpansRepositoryImpl implements IActiveSpansRepository {
  protected readonly places: PlaceActivesReader;
  private readonly parts: FigureParts;

  constructor(
    protected readonly prisma: PrismaService,
    limits = SPAN_LIMITS,
  ) {
    const cache = new PartCache(limits.keptBytes);
    this.places = this.openPlaces(cache, limits.places);
    this.parts = new FigureParts(prisma, cache, limits);
  }

  protected openPlaces(cache: PartCache, limits: PlaceLimits): PlaceActivesReader {
    return new PlaceActivesReader(this.prisma, cache, limits);
  }

  async countSpans(spans: readonly DaySpan[], place: PlaceFilter | null): Promise<SpanCount[]> {
    if (spans.length === 0) return [];
    if (place !== null) return this.places.countSpans(spans, place);
    const whole = { first: spans[0]?.first ?? '', last: spans.at(-1)?.last ?? '' };
    const builds = await readBuildsOfSpan(this.prisma, whole);
    const counts = await this.countPieces(spans, builds);
    const pieces = spans.flatMap((span) => divideSpan(span, builds.weeks));
    const unions = unionsOf(pieces, builds);
    if (unions === '') return counts;
    // A week may have been removed meanwhile. New users are those of days: a build may have added one whom it lacks.
    const after = await readBuildsOfSpan(this.prisma, whole);
    const isSame = after.version === builds.version && unionsOf(pieces, after) === unions;
    return isSame ? counts : this.countPieces(spans, { version: after.version, weeks: new Map() });
  }

  async countPlaces(span: DaySpan, level: PlaceLevel): Promise<ReadonlyMap<string, number>> {
    return this.places.countPlaces(span, level);
  }

  async countRolling(span: DaySpan, window: number, place: PlaceFilter | null): Promise<RollingCount[]> {
    if (place !== null) return this.places.countRolling(span, window, place);
    return this.parts.count<{ day: string; activeCount: number; dauCount: number }>({
      statements: COUNT_ROLLING,
      parameters: [span.first, span.last, String(window)],
      numbers: ['activeCount', 'dauCount'],
      rowsAChunk: ROLLING_COST * (countDays(span.first, span.last) + window - 1),
      lastDay: span.last,
    });
  }

  async countFlows({ first, last }: DaySpan): Promise<DayFlow[]> {
    return this.parts.count<{ day: string; dauCount: number; newCount: number; keptCount: number }>({
      statements: COUNT_FLOWS,
      parameters: [first, last],
      numbers: ['dauCount', 'newCount', 'keptCount'],
      rowsAChunk: FLOWS_COST * countDays(first, last),
      lastDay: last,
    });
  }

  async countRetention(
    { first, last }: DaySpan,
    cohort: Cohort,
    after: readonly number[],
    lastDay: DateKey,
  ): Promise<CohortRow[]> {
    const rows = await this.parts.count<RetentionRow>({
      statements: COUNT_RETENTION,
      parameters: [first, last, String(BIT_KIND[cohort]), toArrayLiteral(after.map(String)), lastDay],
      numbers: ['cohortSize', 'count'],
      rowsAChunk: (COHORT_COST + after.length) * countDays(first, last),
      lastDay: addDaysToKey(last, Math.max(...after)),
    });
    const cohorts = new Map<DateKey, { day: DateKey; cohortSize: number; retained: Map<number, number> }>();
    for (const { day, cohortSize, after: days, count } of rows) {
      const row = cohorts.get(day) ?? { day, cohortSize, retained: new Map<number, number>() };
      cohorts.set(day, row);
      if (days !== null) row.retained.set(days, count);
    }
    return [...cohorts.values()];
  }

  private countPieces(
    spans: readonly DaySpan[],
    { weeks, version }: SpanBuilds,
  ): Promise<{ activeCount: number; newCount: number }[]> {
    const pieces = spans.flatMap((span, index) =>
      divideSpan(span, weeks).map((piece) => ({ ...piece, span: index + 1 })),
    );
    const days = spans.reduce((sum, { first, last }) => sum + countDays(first, last), 0);
    return this.parts.count<{ activeCount: number; newCount: number }>({
      statements: COUNT_SPANS,
      parameters: [
        spans.map(({ first }) => first),
        spans.map(({ last }) => last),
        pieces.map(({ span }) => String(span)),
        pieces.map(({ day }) => day),
        pieces.map(({ isWeek }) => String(isWeek)),
      ].map(toArrayLiteral),
      numbers: ['activeCount', 'newCount'],
      rowsAChunk: pieces.length + NEW_COST * days,
      lastDay: spans.at(-1)?.last ?? '',
      version: `${version} ${unionsOf(pieces, { weeks })}`,
    });
  }

  async readBuilds(lastDay: DateKey): Promise<ActiveBuilds> {
    const [row] = await this.prisma.statementForRequest<BuildsRow>(READ_BUILDS_SQL, lastDay);
    const builtAtMs = row?.builtAtMs ?? null;
    return {
      firstUnsettledDay: row?.firstUnsettledDay ?? null,
      lastBuiltAt: builtAtMs === null ? null : toInstant(builtAtMs),
    };
  }
}
