import { Inject, Injectable, Logger } from '@nestjs/common';
import { CLOCK, type IClock } from '../ports/clock.port.js';
import { EVENT_LOG_MAINTENANCE, type IEventLogMaintenance } from '../ports/event-log-maintenance.port.js';
import { JOB_LOCK, type IJobLock } from '../ports/job-lock.port.js';
import {
  PRESENCE_REPOSITORY,
  type IPresenceRepository,
} from '../../domain/repositories/presence.repository.interface.js';
import { EventTimeService } from '../../domain/services/event-time.service.js';
import { addDaysToKey, formatToDateKey } from '../../shared/utils/timezone.util.js';
import { RealtimeDauService } from './realtime-dau.service.js';

const PRESENCE_KEPT_SECONDS = 24 * 60 * 60;
const PARTITION_DAYS_AHEAD = 3;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Beyond the age limit an event is refused anyway; the margin covers the limit being counted from another clock. */
const CORRECTIONS_MARGIN_DAYS = 2;

/** The hourly housekeeping. Every step is idempotent; one that fails does not keep the others from running. */
@Injectable()
export class MaintenanceService {
  private readonly logger = new Logger(MaintenanceService.name);

  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(PRESENCE_REPOSITORY) private readonly presence: IPresenceRepository,
    @Inject(EVENT_LOG_MAINTENANCE) private readonly eventLog: IEventLogMaintenance,
    @Inject(JOB_LOCK) private readonly lock: IJobLock,
    private readonly realtimeDau: RealtimeDauService,
    private readonly eventTimes: EventTimeService,
  ) {}

  /** To be called once, before the first {@link run}. */
  start(): void {
    this.realtimeDau.markStaleAtStart();
  }

  async run(): Promise<void> {
    const now = this.clock.now();
    const today = formatToDateKey(now);
    const keptDays = (this.eventTimes.maxAgeDays ?? 0) + CORRECTIONS_MARGIN_DAYS;
    const steps = await Promise.allSettled([
      // Partitions of the past are made when an event needs them; those ahead must not wait for midnight's rush.
      this.eventLog.ensureDays(today, addDaysToKey(today, PARTITION_DAYS_AHEAD)),
      this.eventLog.removeCorrections(new Date(now.getTime() - keptDays * DAY_MS)),
      this.forgetExpiredPresence(now),
    ]);
    const failures = steps.flatMap((step) => (step.status === 'rejected' ? [step.reason as unknown] : []));
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '));
  }

  /** Of all replicas one compares; each rebuilds what it knows to be stale. */
  async mendRealtimeDau(): Promise<void> {
    await this.lock.runExclusively('realtime-dau', () => this.realtimeDau.compareToday());
    await this.realtimeDau.rebuildStale();
  }

  private async forgetExpiredPresence(now: Date): Promise<void> {
    const threshold = Math.floor(now.getTime() / 1000) - PRESENCE_KEPT_SECONDS;
    const removed = await this.presence.removeExpiredUsers(threshold);
    if (removed > 0) this.logger.log(`Presence of ${removed} users, last seen over 24 h ago, forgotten`);
  }
}
