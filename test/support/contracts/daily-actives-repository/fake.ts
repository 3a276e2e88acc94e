import type {
  IDailyActivesRepository,
  PendingMarks,
} from '../../../../src/domain/repositories/daily-actives.repository.interface.js';
import type { ActiveCount } from '../../../../src/domain/value-objects/active-count.vo.js';
import type { DateKey } from '../../../../src/shared/utils/timezone.util.js';

interface PlacesSeen {
  readonly provinces: Set<string>;
  readonly cities: Set<string>;
}

/** Keeps the actives of each day; a day is due when {@link mark} has marked it. */
export class InMemoryDailyActives implements IDailyActivesRepository {
  /** Fails every call while it is set. */
  failure: Error | null = null;
  /** Sizes of the pages that were read, in order. */
  readonly pages: number[] = [];
  /** Days whose active sets retention has dropped. */
  readonly dropped = new Set<DateKey>();

  private readonly days = new Map<DateKey, Map<string, PlacesSeen>>();
  private readonly marked: { readonly id: bigint; readonly day: DateKey }[] = [];

  add(day: DateKey, identity: string, place: { province?: string; city?: string } = {}): this {
    const identities = this.days.get(day) ?? new Map<string, PlacesSeen>();
    this.days.set(day, identities);
    const seen = identities.get(identity) ?? { provinces: new Set(), cities: new Set() };
    identities.set(identity, seen);
    if (place.province !== undefined) seen.provinces.add(place.province);
    if (place.city !== undefined) seen.cities.add(place.city);
    return this;
  }

  mark(day: DateKey): bigint {
    const id = BigInt(this.marked.length + 1);
    this.marked.push({ id, day });
    return id;
  }

  async count(day: DateKey): Promise<ActiveCount & { readonly marks: PendingMarks }> {
    const marks = this.marked.filter((mark) => mark.day === day).map(({ id }) => id);
    return { ...(await this.countNow(day)), marks };
  }

  async countNow(day: DateKey): Promise<ActiveCount> {
    if (this.failure !== null) throw this.failure;
    const byProvince = new Map<string, number>();
    const byCity = new Map<string, number>();
    const identities = this.days.get(day) ?? new Map<string, PlacesSeen>();
    for (const { provinces, cities } of identities.values()) {
      for (const province of provinces) byProvince.set(province, (byProvince.get(province) ?? 0) + 1);
      for (const city of cities) byCity.set(city, (byCity.get(city) ?? 0) + 1);
    }
    return { total: identities.size, byProvince, byCity };
  }

  async wasDropped(day: DateKey): Promise<boolean> {
    return this.dropped.has(day);
  }

  async readTotals(days: readonly DateKey[]): Promise<ReadonlyMap<DateKey, number>> {
    if (this.failure !== null) throw this.failure;
    return new Map(days.map((day) => [day, this.days.get(day)?.size ?? 0]));
  }

  async listIdentities(day: DateKey, after: string, limit: number): Promise<string[]> {
    if (this.failure !== null) throw this.failure;
    const identities = [...(this.days.get(day)?.keys() ?? [])].sort();
    const page = identities.filter((identity) => identity > after).slice(0, limit);
    this.pages.push(page.length);
    return page;
  }

  async findDueDays(today: DateKey, _now: Date, limit: number): Promise<DateKey[]> {
    if (this.failure !== null) throw this.failure;
    const days = new Set(this.marked.map(({ day }) => day).filter((day) => day < today));
    return [...days].sort().slice(0, limit);
  }
}
