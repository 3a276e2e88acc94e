import type {
  BitsComparison,
  BuiltCount,
  FirstDaysComparison,
  IActiveBitsRepository,
  NewUsersComparison,
  WeekComparison,
} from '../../../../src/domain/repositories/active-bits.repository.interface.js';
import type { ActiveCount } from '../../../../src/domain/value-objects/active-count.vo.js';
import type { DateKey } from '../../../../src/shared/utils/timezone.util.js';
import type { InMemoryDailyActives } from '../daily-actives-repository/fake.js';

/** Counts the active set itself, and keeps what was built. */
export class InMemoryActiveBits implements IActiveBitsRepository {
  readonly built: { readonly day: DateKey; readonly now: Date }[] = [];
  readonly comparisons = new Map<DateKey, BitsComparison>();
  /** Counts of what the active sets hold and the bits lack. */
  lacking: ActiveCount = { total: 0, byProvince: new Map(), byCity: new Map() };
  newUsers: NewUsersComparison[] = [];
  /** Days that have figures and no bits. */
  unbuilt: readonly DateKey[] = [];
  /** Weeks to unite, and those that differ from their days. */
  weeks: DateKey[] = [];
  readonly united: DateKey[] = [];
  wrongWeeks: WeekComparison[] = [];

  /** Stands for the builds of other replicas before this one. */
  waitForOthers: () => void = () => undefined;

  constructor(private readonly actives: InMemoryDailyActives) {}

  async build(day: DateKey, readClock: () => Date): Promise<BuiltCount> {
    this.waitForOthers();
    const countedAt = readClock();
    this.built.push({ day, now: countedAt });
    return { ...(await this.actives.count(day)), countedAt };
  }

  async compareWithLog(day: DateKey): Promise<BitsComparison | null> {
    return this.comparisons.get(day) ?? null;
  }

  async compareWithSet(): Promise<ActiveCount> {
    return this.lacking;
  }

  async compareNewUsers(): Promise<NewUsersComparison[]> {
    return this.newUsers;
  }

  async compareFirstDays(): Promise<FirstDaysComparison> {
    return { differences: [], withoutLog: [], unsettled: [] };
  }

  async findUnbuiltDays(today: DateKey, limit: number): Promise<DateKey[]> {
    return this.unbuilt.filter((day) => day < today).slice(0, limit);
  }

  async findWeeks(_today: DateKey, limit: number): Promise<DateKey[]> {
    return this.weeks.slice(0, limit);
  }

  async uniteWeek(week: DateKey): Promise<void> {
    this.united.push(week);
    this.weeks = this.weeks.filter((each) => each !== week);
  }

  async compareWeeks(): Promise<WeekComparison[]> {
    return this.wrongWeeks;
  }
}
