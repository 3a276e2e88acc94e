import { Inject, Injectable, Logger } from '@nestjs/common';
import type { EventLog } from '../../domain/entities/event-log.entity.js';
import { CLOCK, type IClock } from '../../domain/repositories/clock.interface.js';
import {
  DAILY_ACTIVES_REPOSITORY,
  type IDailyActivesRepository,
} from '../../domain/repositories/daily-actives.repository.interface.js';
import {
  REALTIME_DAU_REPOSITORY,
  type IRealtimeDauRepository,
} from '../../domain/repositories/realtime-dau.repository.interface.js';
import { realtimeDauFailuresTotal } from '../../shared/metrics/metrics.js';
import { addDaysToKey, formatToDateKey, type DateKey } from '../../shared/utils/timezone.util.js';

const PAGE_SIZE = 10_000;
/** Late events reach this far back; older days (imports) have no live figure. */
const LIVE_DAYS = 8;

/**
 * Keeps the HyperLogLog of each day up with the log. It may lose additions (Redis away, a crash between the two
 * writes): then the day is stale and rebuilt from the active set, which never loses any.
 */
@Injectable()
export class RealtimeDauService {
  private readonly logger = new Logger(RealtimeDauService.name);
  private readonly staleDays = new Set<DateKey>();
  private rebuilding: Promise<void> | null = null;
  private stopped = false;

  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(REALTIME_DAU_REPOSITORY) private readonly realtimeDau: IRealtimeDauRepository,
    @Inject(DAILY_ACTIVES_REPOSITORY) private readonly actives: IDailyActivesRepository,
  ) {}

  /** Adds the sessions among the events. Never throws: the events are durable already. */
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

  /** A process that starts cannot know what the one before it missed: today and yesterday are rebuilt. */
  markStaleAtStart(): void {
    const today = formatToDateKey(this.clock.now());
    this.staleDays.add(today).add(addDaysToKey(today, -1));
  }

  /** Rebuilds stale days; a failure leaves them stale for the next call. One rebuild runs at a time. */
  async rebuildStale(): Promise<void> {
    this.rebuilding ??= this.rebuildAll().finally(() => {
      this.rebuilding = null;
    });
    await this.rebuilding;
  }

  /** Ends a running rebuild at its next page. */
  stop(): void {
    this.stopped = true;
  }

  private async add(day: DateKey, identities: readonly string[]): Promise<void> {
    try {
      await this.realtimeDau.add(day, identities);
    } catch (error) {
      realtimeDauFailuresTotal.inc();
      if (!this.staleDays.has(day)) {
        this.logger.warn(`Live DAU of ${day} missed additions and will be rebuilt: ${String(error)}`);
      }
      this.staleDays.add(day);
    }
  }

  private async rebuildAll(): Promise<void> {
    for (const day of [...this.staleDays]) {
      // Taken off first: an addition that fails meanwhile marks it again.
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
