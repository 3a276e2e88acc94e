import type { Cohort, PlaceLevel } from '../../shared/rules/active-interval.rule.js';
import type { DateKey } from '../../shared/utils/timezone.util.js';
import type {
  CohortRow,
  DayFlow,
  DaySpan,
  RollingCount,
  SpanCount,
} from '../value-objects/active-span.vo.js';
import type { PlaceFilter } from '../value-objects/place-filter.vo.js';

/** State of the bits of all days. */
export interface ActiveBuilds {
  /** The first day whose bits may still change or lag behind its active set; null when there is none. */
  readonly firstUnsettledDay: DateKey | null;
  /** Null before the first build. */
  readonly lastBuiltAt: Date | null;
}

/**
 * Counts distinct identities over spans of days, from the bits of the days. Each method throws ApplicationException
 * `database_unavailable` or `database_too_slow`.
 */
export interface IActiveSpansRepository {
  /** @param place counts those only who were seen there; they are new when their first active day is in the span */
  countSpans(spans: readonly DaySpan[], place: PlaceFilter | null): Promise<SpanCount[]>;

  /** Counts the identities seen in each place during the span; a place without any is absent. */
  countPlaces(span: DaySpan, level: PlaceLevel): Promise<ReadonlyMap<string, number>>;

  /** Counts the windows of `window` days that end on each day of the span, ascending. */
  countRolling(span: DaySpan, window: number, place: PlaceFilter | null): Promise<RollingCount[]>;

  /** Returns every day of the span, ascending. */
  countFlows(span: DaySpan): Promise<DayFlow[]>;

  /** Returns every day of the span, ascending, with each number of days `after` that leads to `lastDay` at most. */
  countRetention(
    span: DaySpan,
    cohort: Cohort,
    after: readonly number[],
    lastDay: DateKey,
  ): Promise<CohortRow[]>;

  /** Tells how far the bits can be relied on, and when those of the days up to `lastDay` were last built. */
  readBuilds(lastDay: DateKey): Promise<ActiveBuilds>;
}

export const ACTIVE_SPANS_REPOSITORY = Symbol('IActiveSpansRepository');
