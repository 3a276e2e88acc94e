import {
  DailyActiveStats,
  type DailyActiveStatsProps,
} from '../../../../src/domain/aggregates/daily-active-stats/daily-active-stats.aggregate.js';
import type { DomainEvent } from '../../../../src/domain/events/domain-event.js';
import type { IDailyActiveStatsRepository } from '../../../../src/domain/repositories/daily-active-stats.repository.interface.js';
import type { PendingMarks } from '../../../../src/domain/repositories/daily-actives.repository.interface.js';
import { PlaceCounts } from '../../../../src/domain/value-objects/place-counts.vo.js';
import type { PlaceFilter } from '../../../../src/domain/value-objects/place-filter.vo.js';
import type { StoredDau } from '../../../../src/domain/value-objects/stored-dau.vo.js';
import { ApplicationException } from '../../../../src/shared/exceptions/application.exception.js';
import type { DateKey } from '../../../../src/shared/utils/timezone.util.js';

/** Rejects a version that is not the next one, as the adapter does. */
export class InMemoryDailyActiveStats implements IDailyActiveStatsRepository {
  /** Events that were stored with the stats. */
  readonly outbox: DomainEvent[] = [];
  readonly settled: bigint[] = [];
  /** Days with marks. */
  pending: readonly DateKey[] = [];
  private readonly rows = new Map<DateKey, DailyActiveStatsProps>();

  constructor(...stored: readonly DailyActiveStats[]) {
    for (const stats of stored) this.rows.set(stats.day, toProps(stats));
  }

  async upsert(stats: DailyActiveStats, marks: PendingMarks): Promise<void> {
    const storedVersion = this.rows.get(stats.day)?.version ?? stats.storedVersion;
    if (storedVersion !== stats.storedVersion) {
      throw new ApplicationException('dau_version_conflict', {
        detail: 'Another replica stored this version first',
      });
    }
    this.rows.set(stats.day, toProps(stats));
    this.outbox.push(...stats.getUncommittedEvents());
    this.settled.push(...marks);
    stats.uncommit();
  }

  async settle(marks: PendingMarks): Promise<void> {
    this.settled.push(...marks);
  }

  async findPendingDays(first: DateKey, last: DateKey): Promise<DateKey[]> {
    return this.pending.filter((day) => first <= day && day <= last);
  }

  async findByDate(day: DateKey): Promise<DailyActiveStats | null> {
    const row = this.rows.get(day);
    return row === undefined ? null : DailyActiveStats.reconstitute(row);
  }

  async findByDateRange(
    first: DateKey,
    last: DateKey,
    filter: PlaceFilter | null = null,
  ): Promise<StoredDau[]> {
    return [...this.rows.values()]
      .filter(({ day }) => first <= day && day <= last)
      .sort((a, b) => (a.day < b.day ? -1 : 1))
      .map(({ day, dauCount, dauByProvince, dauByCity, calculatedAt, version }) => {
        const dated = { day, calculatedAt, version };
        if (filter !== null) {
          const count = filter.countIn({ byProvince: dauByProvince, byCity: dauByCity });
          return { ...dated, dauCount: count, ...filter.breakdownOf(count) };
        }
        const byProvince = PlaceCounts.fromMap(dauByProvince);
        return { ...dated, dauCount, byProvince, byCity: PlaceCounts.fromMap(dauByCity) };
      });
  }
}

function toProps(stats: DailyActiveStats): DailyActiveStatsProps {
  const { day, dauCount, dauByProvince, dauByCity, calculatedAt, version } = stats;
  return { day, dauCount, dauByProvince, dauByCity, calculatedAt, version };
}
