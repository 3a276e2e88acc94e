import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import type { EventLog } from '../../domain/entities/event-log.entity.js';
import {
  REALTIME_DAU_REPOSITORY,
  type IRealtimeDauRepository,
} from '../../domain/repositories/realtime-dau.repository.interface.js';
import { realtimeDauFailuresTotal } from '../../shared/metrics/metrics.js';
import { endsWithin } from '../../shared/utils/timeout.util.js';
import type { DateKey } from '../../shared/utils/timezone.util.js';
import { StaleDays } from './stale-days.service.js';

const MAX_IN_FLIGHT = 500;
const STOP_TIMEOUT_MS = 1500;

/** Adds new events to the HyperLogLog of their day. A day that lost additions is stale; RealtimeDauRepair mends it. */
@Injectable()
export class RealtimeDauService implements BeforeApplicationShutdown {
  private readonly logger = new Logger(RealtimeDauService.name);
  private readonly inFlight = new Set<Promise<void>>();

  constructor(
    @Inject(REALTIME_DAU_REPOSITORY) private readonly realtimeDau: IRealtimeDauRepository,
    private readonly staleDays: StaleDays,
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
    const identities = new Map<DateKey, Set<string>>();
    for (const event of events) {
      if (!event.eventName.isDauEvent() || !this.staleDays.isLive(event.day)) continue;
      const ofDay = identities.get(event.day) ?? new Set<string>();
      identities.set(event.day, ofDay.add(event.dauIdentifier));
    }
    await Promise.all([...identities].map(([day, ofDay]) => this.add(day, [...ofDay])));
  }

  /** Waits for additions in flight, within a bound. */
  async beforeApplicationShutdown(): Promise<void> {
    await endsWithin(Promise.allSettled([...this.inFlight]), STOP_TIMEOUT_MS);
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
    if (this.staleDays.add(day)) this.logger.warn(`Live DAU of ${day} will be rebuilt: ${reason}`);
  }
}
