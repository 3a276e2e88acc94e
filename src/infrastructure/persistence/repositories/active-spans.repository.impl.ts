import { Injectable } from '@nestjs/common';
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
import { countDays, type DateKey } from '../../../shared/utils/timezone.util.js';
import { BIT_KIND } from '../actives/day-bits-writer.js';
import { PlaceActivesReader } from '../actives/place-counts.js';
import {
  COUNT_CHUNKS_SQL,
  COUNT_FLOWS_SQL,
  COUNT_LONG_SPAN_SQL,
  COUNT_RETENTION_SQL,
  COUNT_ROLLING_SQL,
  COUNT_SPANS_SQL,
  READ_BUILDS_SQL,
} from '../actives/span-statements.js';
import { toArrayLiteral } from '../mappers/array-literal.js';
import { toInstant } from '../mappers/instant.js';
import { PrismaService } from '../prisma/prisma.service.js';

/** Rows of bits, 2 KB each, from which on parallel workers are worth their start: a month of ten million identities. */
const PARALLEL_ROWS = 20_000;

interface RetentionRow {
  readonly day: string;
  readonly cohortSize: number;
  readonly after: number | null;
  readonly count: number;
}

interface BuildsRow {
  readonly firstUnsettledDay: string | null;
  readonly builtAtMs: string | null;
}

@Injectable()
export class ActiveSpansRepositoryImpl implements IActiveSpansRepository {
  protected readonly places: PlaceActivesReader;

  constructor(protected readonly prisma: PrismaService) {
    this.places = this.openPlaces();
  }

  protected openPlaces(): PlaceActivesReader {
    return new PlaceActivesReader(this.prisma);
  }

  async countSpans(spans: readonly DaySpan[], place: PlaceFilter | null): Promise<SpanCount[]> {
    if (spans.length === 0) return [];
    if (place !== null) return this.places.countSpans(spans, place);
    const [only] = spans;
    if (only !== undefined && spans.length === 1 && (await this.isLong(only)))
      return this.prisma.statementForRequest<SpanCount>(COUNT_LONG_SPAN_SQL, only.first, only.last);
    return this.prisma.statementForRequest<{ activeCount: number; newCount: number }>(
      COUNT_SPANS_SQL,
      toArrayLiteral(spans.map(({ first }) => first)),
      toArrayLiteral(spans.map(({ last }) => last)),
    );
  }

  private async isLong({ first, last }: DaySpan): Promise<boolean> {
    const [row] = await this.prisma.statementForRequest<{ chunks: number }>(COUNT_CHUNKS_SQL);
    return countDays(first, last) * (row?.chunks ?? 0) > PARALLEL_ROWS;
  }

  async countPlaces(span: DaySpan, level: PlaceLevel): Promise<ReadonlyMap<string, number>> {
    return this.places.countPlaces(span, level);
  }

  async countRolling(span: DaySpan, window: number, place: PlaceFilter | null): Promise<RollingCount[]> {
    if (place !== null) return this.places.countRolling(span, window, place);
    return this.prisma.statementForRequest<{ day: string; activeCount: number; dauCount: number }>(
      COUNT_ROLLING_SQL,
      span.first,
      span.last,
      String(window),
    );
  }

  async countFlows({ first, last }: DaySpan): Promise<DayFlow[]> {
    return this.prisma.statementForRequest<{
      day: string;
      dauCount: number;
      newCount: number;
      keptCount: number;
    }>(COUNT_FLOWS_SQL, first, last);
  }

  async countRetention(
    { first, last }: DaySpan,
    cohort: Cohort,
    after: readonly number[],
    lastDay: DateKey,
  ): Promise<CohortRow[]> {
    const rows = await this.prisma.statementForRequest<RetentionRow>(
      COUNT_RETENTION_SQL,
      first,
      last,
      String(BIT_KIND[cohort]),
      toArrayLiteral(after.map(String)),
      lastDay,
    );
    const cohorts = new Map<DateKey, { day: DateKey; cohortSize: number; retained: Map<number, number> }>();
    for (const { day, cohortSize, after: days, count } of rows) {
      const row = cohorts.get(day) ?? { day, cohortSize, retained: new Map<number, number>() };
      cohorts.set(day, row);
      if (days !== null) row.retained.set(days, count);
    }
    return [...cohorts.values()];
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
