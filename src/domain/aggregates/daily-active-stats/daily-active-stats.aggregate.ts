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
 * The DAU of one day. Each calculation raises the version by one and a {@link DauCalculatedEvent}, which
 * the repository stores together with the figures.
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

  /** Replaces the figures by those of a later calculation. */
  recalculate(count: ActiveCount, calculatedAt: Date): void {
    this.props = { day: this.day, ...figuresOf(count), calculatedAt, version: this.version + 1 };
    this.announce();
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

  private announce(): void {
    this.apply(new DauCalculatedEvent(this.day, this.dauCount, this.version, this.calculatedAt));
  }
}

function figuresOf(
  count: ActiveCount,
): Pick<DailyActiveStatsProps, 'dauCount' | 'dauByProvince' | 'dauByCity'> {
  assertConsistent(count);
  return { dauCount: count.total, dauByProvince: count.byProvince, dauByCity: count.byCity };
}
