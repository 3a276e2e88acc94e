import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import {
  DAILY_ACTIVES_REPOSITORY,
  type IDailyActivesRepository,
} from '../../domain/repositories/daily-actives.repository.interface.js';
import {
  REALTIME_DAU_REPOSITORY,
  type IRealtimeDauRepository,
} from '../../domain/repositories/realtime-dau.repository.interface.js';
import { hasLost } from '../../domain/services/realtime-dau-estimate.js';
import { dauToday } from '../../shared/metrics/state-metrics.js';
import { endsWithin } from '../../shared/utils/timeout.util.js';
import { addDaysToKey, type DateKey } from '../../shared/utils/timezone.util.js';
import { StaleDays } from './stale-days.service.js';

const PAGE_SIZE = 10_000;
const STOP_TIMEOUT_MS = 1500;

/**
 * Finds live figures that lack identities, by comparing them with the active set, and rebuilds them from it.
 * The comparison needs no memory of what was lost: it holds after a restart and after any loss of data in Redis.
 */
@Injectable()
export class RealtimeDauRepair implements BeforeApplicationShutdown {
  private readonly logger = new Logger(RealtimeDauRepair.name);
  /** Distances of complete figures below the exact ones, so that an unlucky estimate is not rebuilt every minute. */
  private readonly shortfalls = new Map<DateKey, number>();
  private verifiedConnection: number | null = null;
  private verifying: Promise<void> | null = null;
  private rebuilding: Promise<void> | null = null;
  private stopped = false;

  constructor(
    @Inject(REALTIME_DAU_REPOSITORY) private readonly realtimeDau: IRealtimeDauRepository,
    @Inject(DAILY_ACTIVES_REPOSITORY) private readonly actives: IDailyActivesRepository,
    private readonly staleDays: StaleDays,
  ) {}

  /** True when today's figure was compared since the start and since the last new connection to its store. */
  get isVerified(): boolean {
    return this.verifiedConnection === this.realtimeDau.connection;
  }

  /** Compares today's figure and rebuilds it when it has lost identities. @throws the error of a store */
  async verify(): Promise<void> {
    this.verifying ??= this.verifyToday().finally(() => {
      this.verifying = null;
    });
    await this.verifying;
  }

  /** Marks today and yesterday stale: a new process cannot know which few additions the last one missed. */
  markRecentDaysStale(): void {
    const today = this.staleDays.today();
    this.staleDays.add(today);
    this.staleDays.add(addDaysToKey(today, -1));
  }

  /**
   * Marks those days stale whose figure is lower than an estimate may be, as after a loss of data in Redis.
   * Costs one count of each day, and of past days only a look-up.
   */
  async compare(days: readonly DateKey[] = this.staleDays.liveDays()): Promise<void> {
    const totals = await this.actives.readTotals(days);
    const today = totals.get(this.staleDays.today());
    // Ends at midnight, when the figure becomes that of yesterday.
    if (today !== undefined) dauToday.set(today, { forMs: this.staleDays.msUntilTomorrow() });
    await Promise.all(
      days.map(async (day) => {
        const exact = totals.get(day) ?? 0;
        if (exact === 0) return;
        const live = await this.realtimeDau.count(day);
        if (!hasLost(live, exact, this.shortfalls.get(day)) || !this.staleDays.add(day)) return;
        this.logger.log(`Live DAU of ${day} will be rebuilt: it says ${live} for ${exact}`);
      }),
    );
  }

  /** Rebuilds stale days, one rebuild at a time. A day that fails stays stale for the next call. */
  async rebuildStale(): Promise<void> {
    this.rebuilding ??= this.rebuildAll().finally(() => {
      this.rebuilding = null;
    });
    await this.rebuilding;
  }

  /** Ends a running rebuild at its next page, within a bound; the comparison of the next process continues it. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    await endsWithin(Promise.allSettled([this.rebuilding]), STOP_TIMEOUT_MS);
  }

  private async verifyToday(): Promise<void> {
    const { connection } = this.realtimeDau;
    const today = this.staleDays.today();
    await this.compare([today]);
    // A rebuild that runs already may have begun before the comparison.
    for (let round = 0; round < 2 && this.staleDays.has(today); round++) await this.rebuildStale();
    if (!this.staleDays.has(today)) this.verifiedConnection = connection;
  }

  private async rebuildAll(): Promise<void> {
    for (const day of this.staleDays.list()) {
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
    if (added === 0) return;
    this.logger.log(`Live DAU of ${day} rebuilt from ${added} actives`);
    if (!this.stopped) await this.noteShortfall(day, added);
  }

  private async noteShortfall(day: DateKey, exact: number): Promise<void> {
    this.shortfalls.set(day, Math.max(0, exact - (await this.realtimeDau.count(day))));
    for (const known of this.shortfalls.keys())
      if (!this.staleDays.isLive(known)) this.shortfalls.delete(known);
  }
}
