import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import {
  DAILY_ACTIVE_STATS_REPOSITORY,
  type IDailyActiveStatsRepository,
} from '../../../domain/repositories/daily-active-stats.repository.interface.js';
import { PlaceCounts } from '../../../domain/value-objects/place-counts.vo.js';
import { PlaceFilter } from '../../../domain/value-objects/place-filter.vo.js';
import { placeNames, type PlaceNaming } from '../../../domain/value-objects/place-names.vo.js';
import { isServiceException } from '../../../shared/exceptions/service-exception.js';
import { isFinal } from '../../../shared/rules/final-hour.rule.js';
import {
  addDaysToKey,
  formatToDateKey,
  listDays,
  type DateKey,
} from '../../../shared/utils/timezone.util.js';
import { PLACE_NAMING } from '../../services/event-parser.service.js';
import { LiveActives, type LiveCount } from '../../services/live-actives.service.js';
import { assertDayRange } from '../day-range.js';
import { GetDauStatsQuery, type DauStatsItem, type DauStatsResult } from './get-dau-stats.query.js';

interface AskedDays {
  readonly startDate: DateKey;
  readonly endDate: DateKey;
  readonly now: Date;
  /** Days that gained actives since they were calculated. */
  readonly pending: ReadonlySet<DateKey>;
}

const NOWHERE = PlaceCounts.fromMap(new Map());

/**
 * Reads final days from the stored stats and counts provisional ones live. A count that takes too long
 * falls back to the stored stats (docs/adr/0005).
 */
@QueryHandler(GetDauStatsQuery)
export class GetDauStatsHandler implements IQueryHandler<GetDauStatsQuery> {
  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(DAILY_ACTIVE_STATS_REPOSITORY) private readonly stats: IDailyActiveStatsRepository,
    private readonly liveActives: LiveActives,
    @Inject(PLACE_NAMING) private readonly placeNaming: PlaceNaming,
  ) {}

  /** @throws ApplicationException `date_range_invalid` @throws DomainException `request_invalid` */
  async execute({ startDate, endDate, options }: GetDauStatsQuery): Promise<DauStatsResult> {
    assertDayRange(startDate, endDate);
    const filter = PlaceFilter.of(options, placeNames(this.placeNaming));
    const now = this.clock.now();
    // Reads the marks first: a day that loses its mark meanwhile has stored figures by then.
    const pending = options.zeroDays === true ? await this.findPendingDays(startDate, endDate, now) : [];
    const items = new Map<DateKey, DauStatsItem>();
    for (const stored of await this.stats.findByDateRange(startDate, endDate, filter))
      items.set(stored.day, { ...stored, isFinal: isFinal(stored.day, stored.calculatedAt) });
    const today = formatToDateKey(now);
    const provisional = [addDaysToKey(today, -1), today].filter(
      (day) => startDate <= day && day <= endDate && items.get(day)?.isFinal !== true,
    );
    for (const day of provisional) {
      const live = await this.liveActives.count(day);
      if (live !== null && live.total > 0) items.set(day, toItem(day, live, items.get(day)?.version, filter));
    }
    return select(items, { startDate, endDate, now, pending: new Set(pending) }, options);
  }

  /** Leaves out today, which is never final. No day is known to be final when its marks cannot be read in time. */
  private async findPendingDays(first: DateKey, endDate: DateKey, now: Date): Promise<DateKey[]> {
    const yesterday = addDaysToKey(formatToDateKey(now), -1);
    const last = endDate < yesterday ? endDate : yesterday;
    if (last < first) return [];
    try {
      return await this.stats.findPendingDays(first, last);
    } catch (error) {
      if (!isServiceException(error) || error.code !== 'database_too_slow') throw error;
      return listDays(first, last);
    }
  }
}

function toItem(day: DateKey, count: LiveCount, version = 0, filter: PlaceFilter | null): DauStatsItem {
  const state = { isFinal: false, version, calculatedAt: count.countedAt };
  if (filter !== null) {
    const dauCount = filter.countIn(count);
    return { day, dauCount, ...filter.breakdownOf(dauCount), ...state };
  }
  const byProvince = PlaceCounts.fromMap(count.byProvince);
  return { day, dauCount: count.total, byProvince, byCity: PlaceCounts.fromMap(count.byCity), ...state };
}

/** Adds or leaves out days without actives, then days that were not calculated since. */
function select(
  items: ReadonlyMap<DateKey, DauStatsItem>,
  { startDate, endDate, now, pending }: AskedDays,
  { zeroDays = false, changedSince }: GetDauStatsQuery['options'],
): DauStatsResult {
  const today = formatToDateKey(now);
  const days = zeroDays ? listDays(startDate, endDate) : [...items.keys()].sort();
  const data = days
    .flatMap(
      (day) => items.get(day) ?? (day <= today ? [toZero(day, isFinal(day, now) && !pending.has(day))] : []),
    )
    .filter(({ dauCount }) => zeroDays || dauCount > 0)
    .filter(
      ({ calculatedAt }) =>
        changedSince === undefined || (calculatedAt !== null && calculatedAt > changedSince),
    );
  return { data, total: data.length };
}

function toZero(day: DateKey, final: boolean): DauStatsItem {
  return {
    ...{ day, dauCount: 0, byProvince: NOWHERE, byCity: NOWHERE },
    ...{ isFinal: final, version: 0, calculatedAt: null },
  };
}
