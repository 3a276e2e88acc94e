import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventTimeService } from '../../../domain/services/event-time.service.js';
import { CLAIMS_MARGIN_DAYS } from '../../../shared/rules/retention.rule.js';
import { addDaysToKey, formatToDateKey } from '../../../shared/utils/timezone.util.js';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import { EVENT_LOG_MAINTENANCE, type IEventLogMaintenance } from '../../ports/event-log-maintenance.port.js';
import { settleAll } from '../../services/settle-all.js';
import { MaintainEventLogCommand } from './maintain-event-log.command.js';

/** Partitions of past days are created on demand; those ahead must not wait for the rush at midnight. */
const PARTITION_DAYS_AHEAD = 3;
const DAY_MS = 24 * 60 * 60 * 1000;

@CommandHandler(MaintainEventLogCommand)
export class MaintainEventLogHandler implements ICommandHandler<MaintainEventLogCommand> {
  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(EVENT_LOG_MAINTENANCE) private readonly eventLog: IEventLogMaintenance,
    private readonly eventTimes: EventTimeService,
  ) {}

  async execute(): Promise<void> {
    const now = this.clock.now();
    const today = formatToDateKey(now);
    const keptDays = (this.eventTimes.maxAgeDays ?? 0) + CLAIMS_MARGIN_DAYS;
    await settleAll([
      this.eventLog.ensureDays(today, addDaysToKey(today, PARTITION_DAYS_AHEAD)),
      this.eventLog.removeCorrections(new Date(now.getTime() - keptDays * DAY_MS)),
    ]);
  }
}
