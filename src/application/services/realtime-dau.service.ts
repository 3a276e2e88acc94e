import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import type { EventLog } from '../../domain/entities/event-log.entity.js';
import { CLOCK, type IClock } from '../ports/clock.port.js';
import {
  DAILY_ACTIVES_REPOSITORY,
  type IDailyActivesRepository,
} from '../../domain/repositories/daily-actives.repository.interface.js';
import {
  REALTIME_DAU_REPOSITORY,
  type IRealtimeDauRepository,
} from '../../domain/repositories/realtime-dau.repository.interface.js';
import { realtimeDauFailuresTotal } from '../../shared/metrics/metrics.js';
import { dauToday } from '../../shared/metrics/state-metrics.js';
import { hasLost } from '../../domain/services/realtime-dau-estimate.js';
import { endsWithin } from '../../shared/utils/timeout.util.js';
import { addDaysToKey, dayRange, formatToDateKey, type DateKey } from '../../shared/utils/timezone.util.js';
import { LiveActives } from './live-actives.service.js';

const PAGE_SIZE = 10_000;
const MAX_IN_FLIGHT = 500;
/** Age limit of live figures; older days arrive only by import. */
const LIVE_DAYS = 8;
const STOP_TIMEOUT_MS = 1500;

/**
 * Adds new events to the HyperLogLog of their day. A day that lost additions is stale, and is rebuilt from
 * the active set.
 */
@Injectable()
export class RealtimeDauService implements BeforeApplicationShutdown {
  private readonly logger = new Logger(RealtimeDauService.name);
  private readonly staleDays = new Set<DateKey>();
  private readonly inFlight = new Set<Promise<void>>();
  private rebuilding: Promise<void> | null = null;
  private stopped = false;

  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(REALTIME_DAU_REPOSITORY) private readonly realtimeDau: IRealtimeDauRepository,
    @Inject(DAILY_ACTIVES_REPOSITORY) private readonly actives: IDailyActivesRepository,
    private readonly liveActives: LiveActives,
  ) {}

  /**
   * Adds the events in the background. Beyond a bound of additions in flight it marks their days stale
   * instead.
   */
  follow(events: readonly EventLog[]): void {
    if (this.inFlight.size >= MAX_IN_FLIGHT) {
      for (const event of events)
        if (event.eventName.isDauEvent()) this.markStale(event.day, 'too many additions in flight');
      return;
    }
    const recording: Promise<void> = this.record(events).finally(() => this.inFlight.delete(recording));
    this.inFlight.add(recording);
  }

  /** Adds the sessions among the events. Never throws: the events are already durable. */
  async record(events: readonly EventLog[]): Promise<void> {
    const today = formatToDateKey(this.clock.now());
    const oldest = addDaysToKey(today, 1 - LIVE_DAYS);
    const identities = new Map<DateKey, Set<string>>();
    for (const event of events) {
      if (!event.eventName.isDauEvent() || event.day < oldest) continue;
      const ofDay = identities.get(event.day) ?? new Set<string>();
      identities.set(event.day, ofDay.add(event.dauIdentifier));
    }
    await Promise.all([...identities].map(([day, ofDay]) => this.add(day, [...ofDay])));
  }

  /** Marks today and yesterday stale: a new process cannot know what the last one missed. */
  markRecentDaysStale(): void {
    const today = formatToDateKey(this.clock.now());
    this.staleDays.add(today).add(addDaysToKey(today, -1));
  }

  /** Rebuilds stale days, one rebuild at a time. A day that fails stays stale for the next call. */
  async rebuildStale(): Promise<void> {
    this.rebuilding ??= this.rebuildAll().finally(() => {
      this.rebuilding = null;
    });
    await this.rebuilding;
  }

  /**
   * Marks today stale when its figure is lower than an estimate may be, as after a loss of data in Redis.
   * Costs one count of the day.
   */
  async compareToday(): Promise<void> {
    const today = formatToDateKey(this.clock.now());
    const exact = await this.liveActives.count(today);
    if (exact === null) return;
    // Ends at midnight, when the figure becomes that of yesterday.
    dauToday.set(exact.total, { forMs: dayRange(today).end.getTime() - this.clock.now().getTime() });
    const live = await this.realtimeDau.count(today);
    if (hasLost(live, exact.total)) this.markStale(today, `it says ${live} for ${exact.total}`);
  }

  /** Waits for additions in flight, within a bound; a running rebuild ends at its next page. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    await endsWithin(Promise.allSettled([...this.inFlight, this.rebuilding]), STOP_TIMEOUT_MS);
  }

  private async add(day: DateKey, identities: readonly string[]): Promise<void> {
    try {
      await this.realtimeDau.add(day, identities);
    } catch (error) {
      realtimeDauFailuresTotal.inc();
      this.markStale(day, String(error));
    }
  }

  private markStale(day: DateKey, reason: string): void {
    const isRecent = day >= addDaysToKey(formatToDateKey(this.clock.now()), 1 - LIVE_DAYS);
    if (!isRecent || this.staleDays.has(day)) return;
    this.logger.warn(`Live DAU of ${day} will be rebuilt: ${reason}`);
    this.staleDays.add(day);
  }

  private async rebuildAll(): Promise<void> {
    for (const day of [...this.staleDays]) {
      // Removes the day first: an addition that fails meanwhile marks it again.
      this.staleDays.delete(day);
      try {
        await this.rebuild(day);
      } catch (error) {
        this.staleDays.add(day);
        this.logger.warn(`Live DAU of ${day} could not be rebuilt yet: ${String(error)}`);
      }
    }
  }

  private async rebuild(day: DateKey): Promise<void> {
    let added = 0;
    let page: string[];
    let after = '';
    do {
      page = await this.actives.listIdentities(day, after, PAGE_SIZE);
      if (page.length > 0) await this.realtimeDau.add(day, page);
      added += page.length;
      after = page.at(-1) ?? after;
    } while (page.length === PAGE_SIZE && !this.stopped);
    if (added > 0) this.logger.log(`Live DAU of ${day} rebuilt from ${added} actives`);
  }
}
