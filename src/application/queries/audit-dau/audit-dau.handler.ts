import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  DAILY_ACTIVE_STATS_REPOSITORY,
  type IDailyActiveStatsRepository,
} from '../../../domain/repositories/daily-active-stats.repository.interface.js';
import {
  DAILY_ACTIVES_REPOSITORY,
  type IDailyActivesRepository,
} from '../../../domain/repositories/daily-actives.repository.interface.js';
import type { ActiveCount } from '../../../domain/value-objects/active-count.vo.js';
import {
  EVENT_LOG_REPOSITORY,
  type IEventLogRepository,
} from '../../../domain/repositories/event-log.repository.interface.js';
import {
  REALTIME_DAU_REPOSITORY,
  type IRealtimeDauRepository,
} from '../../../domain/repositories/realtime-dau.repository.interface.js';
import { isFinal } from '../../../shared/rules/final-hour.rule.js';
import { toleratedDifference } from '../../../domain/services/realtime-dau-estimate.js';
import { describePlaces, describeTotal, type CountSource } from '../count-differences.js';
import { AuditDauQuery, type DauAudit } from './audit-dau.query.js';

@QueryHandler(AuditDauQuery)
export class AuditDauHandler implements IQueryHandler<AuditDauQuery> {
  constructor(
    @Inject(EVENT_LOG_REPOSITORY) private readonly eventLog: IEventLogRepository,
    @Inject(DAILY_ACTIVES_REPOSITORY) private readonly actives: IDailyActivesRepository,
    @Inject(DAILY_ACTIVE_STATS_REPOSITORY) private readonly stats: IDailyActiveStatsRepository,
    @Inject(REALTIME_DAU_REPOSITORY) private readonly realtimeDau: IRealtimeDauRepository,
  ) {}

  async execute({ day }: AuditDauQuery): Promise<DauAudit> {
    // Reads the stored stats first and the log last: events that arrive meanwhile only make later figures
    // larger.
    const stats = await this.stats.findByDate(day);
    const set = await this.actives.count(day);
    const log = await this.eventLog.queryDau(day);
    // Skips a live figure that is unavailable; readiness reports the outage of Redis.
    const realtime = await this.realtimeDau.count(day).catch(() => null);
    // Asks at the end: what retention drops during the audit must not look like a loss.
    const kept = await this.findKept(day, { log, set });

    const reference = kept.log ?? kept.set;
    const drift = kept.log !== null && kept.set !== null ? compare(kept.set, kept.log) : [];
    // Provisional and marked stats are known to lag behind the log.
    if (reference !== null && stats !== null && isFinal(day, stats.calculatedAt) && set.marks.length === 0) {
      const stored = { total: stats.dauCount, byProvince: stats.dauByProvince, byCity: stats.dauByCity };
      drift.push(...compare({ name: 'stored stats', count: stored }, reference));
    }
    if (reference !== null && realtime !== null && realtime > 0) {
      const { name, count } = reference;
      const tolerated = toleratedDifference(count.total);
      if (Math.abs(realtime - count.total) > tolerated) {
        drift.push(
          `live DAU says ${realtime}, the ${name} ${count.total}: more than ${Math.round(tolerated)} apart`,
        );
      }
    }
    return {
      day,
      log: kept.log?.count.total ?? null,
      activeSet: kept.set?.count.total ?? null,
      stored: stats?.dauCount ?? null,
      realtime: realtime === 0 ? null : realtime,
      drift,
    };
  }

  /** Returns the sources that hold all of the day; what came after retention has dropped one of them is a part only. */
  private async findKept(
    day: string,
    counts: { readonly log: ActiveCount; readonly set: ActiveCount },
  ): Promise<{ readonly log: CountSource | null; readonly set: CountSource | null }> {
    const [logIsGone, setIsGone] = [await this.eventLog.wasDropped(day), await this.actives.wasDropped(day)];
    return {
      log: logIsGone ? null : { name: 'log', count: counts.log },
      set: setIsGone ? null : { name: 'active set', count: counts.set },
    };
  }
}

function compare({ name, count }: CountSource, reference: CountSource): string[] {
  const speaker = `${name} says`;
  return [...describeTotal(speaker, count, reference), ...describePlaces(speaker, count, reference)];
}
