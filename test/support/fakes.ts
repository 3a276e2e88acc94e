import type { CommandBus } from '@nestjs/cqrs';
import {
  DailyActiveStats,
  type DailyActiveStatsProps,
} from '../../src/domain/aggregates/daily-active-stats/daily-active-stats.aggregate.js';
import type { EventLog } from '../../src/domain/entities/event-log.entity.js';
import type { OnlineSnapshot } from '../../src/domain/entities/online-snapshot.entity.js';
import type { DomainEvent } from '../../src/domain/events/domain-event.js';
import type { IClock } from '../../src/application/ports/clock.port.js';
import type { IDailyActiveStatsRepository } from '../../src/domain/repositories/daily-active-stats.repository.interface.js';
import type { StoredDau } from '../../src/domain/value-objects/stored-dau.vo.js';
import type {
  IDailyActivesRepository,
  PendingMarks,
} from '../../src/domain/repositories/daily-actives.repository.interface.js';
import type { ActiveCount } from '../../src/domain/value-objects/active-count.vo.js';
import type { IEventIdGenerator } from '../../src/application/ports/event-id-generator.port.js';
import type { IEventLogRepository } from '../../src/domain/repositories/event-log.repository.interface.js';
import type { IEventPublisher } from '../../src/application/ports/event-publisher.port.js';
import type { IJobLock } from '../../src/application/ports/job-lock.port.js';
import type { IOnlineSnapshotRepository } from '../../src/domain/repositories/online-snapshot.repository.interface.js';
import type { HistoryInterval } from '../../src/shared/rules/history-interval.rule.js';
import type { OnlineHistory } from '../../src/domain/value-objects/online-history.vo.js';
import type { IRealtimeDauRepository } from '../../src/domain/repositories/realtime-dau.repository.interface.js';
import { EventId } from '../../src/domain/value-objects/event-id.vo.js';
import { ApplicationException } from '../../src/shared/exceptions/application.exception.js';
import type { DateKey, TimeRange } from '../../src/shared/utils/timezone.util.js';
import { PlaceCounts } from '../../src/domain/value-objects/place-counts.vo.js';
import { later, NOW, uuid, YESTERDAY } from './builders.js';

/** Stands still unless it is moved. */
export class FixedClock implements IClock {
  constructor(private instant: Date = NOW) {}

  now(): Date {
    return this.instant;
  }

  set(instant: Date): void {
    this.instant = instant;
  }

  advance(milliseconds: number): void {
    this.instant = later(this.instant, milliseconds);
  }
}

export class SequentialEventIds implements IEventIdGenerator {
  private made = 0;
  private readonly contents = new Map<string, EventId>();

  next(): EventId {
    return EventId.fromString(uuid(++this.made));
  }

  fromContent(content: string): EventId {
    const known = this.contents.get(content);
    if (known !== undefined) return known;
    const id = EventId.fromString(uuid(0xc0000000 + this.contents.size));
    this.contents.set(content, id);
    return id;
  }
}

interface PlacesSeen {
  readonly provinces: Set<string>;
  readonly cities: Set<string>;
}

/** Everybody by day; a day is due when it has a mark, which {@link mark} leaves. */
export class InMemoryDailyActives implements IDailyActivesRepository {
  /** Set to have every answer fail. */
  failure: Error | null = null;
  /** Sizes of the pages that were read. */
  readonly pages: number[] = [];

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

/** Keeps events, and like the real one the day's actives with them. */
export class InMemoryEventLog implements IEventLogRepository {
  /** Set to have every answer fail. */
  failure: Error | null = null;
  readonly logs: EventLog[] = [];

  constructor(readonly actives = new InMemoryDailyActives()) {}

  async batchInsert(logs: readonly EventLog[]): Promise<boolean[]> {
    if (this.failure !== null) throw this.failure;
    return logs.map((log) => this.insert(log));
  }

  async queryDau(day: DateKey): Promise<ActiveCount> {
    if (this.failure !== null) throw this.failure;
    const counted = new InMemoryDailyActives();
    for (const log of this.logs) addSession(counted, log);
    return counted.countNow(day);
  }

  private insert(log: EventLog): boolean {
    if (this.logs.some(({ eventId }) => eventId.value === log.eventId.value)) return false;
    this.logs.push(log);
    addSession(this.actives, log);
    return true;
  }
}

function addSession(actives: InMemoryDailyActives, log: EventLog): void {
  if (!log.eventName.isDauEvent()) return;
  const { province, city } = log.properties;
  actives.add(log.day, log.dauIdentifier, {
    ...(province !== undefined && { province }),
    ...(city !== undefined && { city }),
  });
}

/** Stats as they come from storage. */
export function storedStats(overrides: Partial<DailyActiveStatsProps> = {}): DailyActiveStats {
  return DailyActiveStats.reconstitute({
    day: YESTERDAY,
    dauCount: 3,
    dauByProvince: new Map(),
    dauByCity: new Map(),
    calculatedAt: NOW,
    version: 1,
    ...overrides,
  });
}

/** Refuses a version that is not the next one, as the real one does. */
export class InMemoryDailyActiveStats implements IDailyActiveStatsRepository {
  /** What went into the outbox. */
  readonly outbox: DomainEvent[] = [];
  readonly settled: bigint[] = [];
  private readonly rows = new Map<DateKey, DailyActiveStatsProps>();

  constructor(...stored: readonly DailyActiveStats[]) {
    for (const stats of stored) this.rows.set(stats.day, toProps(stats));
  }

  async upsert(stats: DailyActiveStats, marks: PendingMarks): Promise<void> {
    const storedVersion = this.rows.get(stats.day)?.version ?? stats.version - 1;
    if (storedVersion !== stats.version - 1) {
      throw new ApplicationException('dau_version_conflict', { detail: 'Somebody else was first' });
    }
    this.rows.set(stats.day, toProps(stats));
    this.outbox.push(...stats.getUncommittedEvents());
    this.settled.push(...marks);
    stats.uncommit();
  }

  async findByDate(day: DateKey): Promise<DailyActiveStats | null> {
    const row = this.rows.get(day);
    return row === undefined ? null : DailyActiveStats.reconstitute(row);
  }

  async findByDateRange(first: DateKey, last: DateKey): Promise<StoredDau[]> {
    return [...this.rows.values()]
      .filter(({ day }) => first <= day && day <= last)
      .sort((a, b) => (a.day < b.day ? -1 : 1))
      .map(({ day, dauCount, dauByProvince, dauByCity, calculatedAt }) => ({
        day,
        dauCount,
        byProvince: PlaceCounts.fromMap(dauByProvince),
        byCity: PlaceCounts.fromMap(dauByCity),
        calculatedAt,
      }));
  }
}

function toProps(stats: DailyActiveStats): DailyActiveStatsProps {
  const { day, dauCount, dauByProvince, dauByCity, calculatedAt, version } = stats;
  return { day, dauCount, dauByProvince, dauByCity, calculatedAt, version };
}

/** Exact where the real one estimates. */
export class InMemoryRealtimeDau implements IRealtimeDauRepository {
  /** Set to have every answer fail. */
  failure: Error | null = null;
  readonly days = new Map<DateKey, Set<string>>();

  async add(day: DateKey, identities: readonly string[]): Promise<void> {
    if (this.failure !== null) throw this.failure;
    const known = this.days.get(day) ?? new Set<string>();
    this.days.set(day, known);
    for (const identity of identities) known.add(identity);
  }

  async count(day: DateKey): Promise<number> {
    if (this.failure !== null) throw this.failure;
    return this.days.get(day)?.size ?? 0;
  }
}

export class InMemoryOnlineSnapshots implements IOnlineSnapshotRepository {
  readonly snapshots: OnlineSnapshot[] = [];
  readonly asked: { readonly range: TimeRange; readonly interval: HistoryInterval }[] = [];

  async insert(snapshot: OnlineSnapshot): Promise<boolean> {
    if (this.snapshots.some(({ ts }) => ts.getTime() === snapshot.ts.getTime())) return false;
    this.snapshots.push(snapshot);
    return true;
  }

  async findHistory(range: TimeRange, interval: HistoryInterval): Promise<OnlineHistory> {
    this.asked.push({ range, interval });
    return { buckets: [], peak: null };
  }
}

export class CollectingPublisher implements IEventPublisher {
  readonly events: DomainEvent[] = [];

  offer(event: DomainEvent): void {
    this.events.push(event);
  }
}

/** A lock that other replicas may hold. */
export class FakeJobLock implements IJobLock {
  readonly heldElsewhere = new Set<string>();

  async runExclusively(name: string, work: () => Promise<void>): Promise<boolean> {
    if (this.heldElsewhere.has(name)) return false;
    await work();
    return true;
  }
}

/** A bus that hands every command to one function. */
export function commandBusOf(execute: (command: never) => Promise<unknown>): CommandBus {
  return { execute } as unknown as CommandBus;
}

export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
