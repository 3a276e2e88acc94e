import { AggregateRoot } from '@nestjs/cqrs';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import { DauCalculatedEvent } from '../../events/dau-calculated.event.js';
import { assertConsistent, type ActiveCount } from '../../value-objects/active-count.vo.js';

export interface DailyActiveStatsProps {
  readonly day: DateKey;
  readonly dauCount: number;
  readonly dauByProvince: ReadonlyMap<string, number>;
  readonly dauByCity: ReadonlyMap<string, number>;
  readonly calculatedAt: Date;
  readonly version: number;
}

/**
 * The DAU of one day. A calculation that changes a figure raises the version by one and a {@link DauCalculatedEvent},
 * which the repository stores together with the figures.
 */
export class DailyActiveStats extends AggregateRoot<DauCalculatedEvent> {
  private constructor(private props: DailyActiveStatsProps) {
    super();
    // Publishes through the outbox only: the in-process bus neither waits for events nor reports failures.
    this.autoCommit = false;
  }

  /** Creates the stats of a day's first calculation. */
  static create(day: DateKey, count: ActiveCount, calculatedAt: Date): DailyActiveStats {
    const stats = new DailyActiveStats({ day, ...figuresOf(count), calculatedAt, version: 1 });
    stats.announce();
    return stats;
  }

  /** Restores stored stats without raising an event. */
  static reconstitute(props: DailyActiveStatsProps): DailyActiveStats {
    return new DailyActiveStats(props);
  }

  /** Replaces the figures by those of a later calculation. The same figures keep their version and raise no event. */
  recalculate(count: ActiveCount, calculatedAt: Date): void {
    const figures = figuresOf(count);
    const isChanged = !hasFigures(this.props, figures);
    this.props = {
      day: this.day,
      ...figures,
      calculatedAt,
      version: isChanged ? this.version + 1 : this.version,
    };
    if (isChanged) this.announce();
  }

  get day(): DateKey {
    return this.props.day;
  }

  get dauCount(): number {
    return this.props.dauCount;
  }

  get dauByProvince(): ReadonlyMap<string, number> {
    return this.props.dauByProvince;
  }

  get dauByCity(): ReadonlyMap<string, number> {
    return this.props.dauByCity;
  }

  get calculatedAt(): Date {
    return this.props.calculatedAt;
  }

  get version(): number {
    return this.props.version;
  }

  /** The version in the store on which these figures build; 0 for a day that has none. */
  get storedVersion(): number {
    return this.version - this.getUncommittedEvents().length;
  }

  private announce(): void {
    this.apply(new DauCalculatedEvent(this.day, this.dauCount, this.version, this.calculatedAt));
  }
}

type Figures = Pick<DailyActiveStatsProps, 'dauCount' | 'dauByProvince' | 'dauByCity'>;

function figuresOf(count: ActiveCount): Figures {
  assertConsistent(count);
  return { dauCount: count.total, dauByProvince: count.byProvince, dauByCity: count.byCity };
}

function hasFigures(stored: Figures, { dauCount, dauByProvince, dauByCity }: Figures): boolean {
  return (
    stored.dauCount === dauCount &&
    hasPlaces(stored.dauByProvince, dauByProvince) &&
    hasPlaces(stored.dauByCity, dauByCity)
  );
}

function hasPlaces(stored: ReadonlyMap<string, number>, counted: ReadonlyMap<string, number>): boolean {
  return stored.size === counted.size && [...counted].every(([place, count]) => stored.get(place) === count);
}
