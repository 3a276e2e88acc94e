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

    const drift = [...compare('active set', set, log)];
    // Provisional and marked stats are known to lag behind the log.
    if (stats !== null && isFinal(day, stats.calculatedAt) && set.marks.length === 0) {
      const stored = { total: stats.dauCount, byProvince: stats.dauByProvince, byCity: stats.dauByCity };
      drift.push(...compare('stored stats', stored, log));
    }
    if (realtime !== null && realtime > 0) {
      const tolerated = toleratedDifference(log.total);
      if (Math.abs(realtime - log.total) > tolerated) {
        drift.push(
          `live DAU says ${realtime}, the log ${log.total}: more than ${Math.round(tolerated)} apart`,
        );
      }
    }
    return {
      day,
      log: log.total,
      activeSet: set.total,
      stored: stats?.dauCount ?? null,
      realtime: realtime === 0 ? null : realtime,
      drift,
    };
  }
}

function compare(name: string, count: ActiveCount, log: ActiveCount): string[] {
  const differences: string[] = [];
  if (count.total !== log.total) differences.push(`${name} says ${count.total} in all, the log ${log.total}`);
  for (const [level, ours, theirs] of [
    ['province', count.byProvince, log.byProvince],
    ['city', count.byCity, log.byCity],
  ] as const) {
    for (const place of new Set([...ours.keys(), ...theirs.keys()])) {
      const [a, b] = [ours.get(place) ?? 0, theirs.get(place) ?? 0];
      if (a !== b) differences.push(`${name} says ${a} in ${level} ${JSON.stringify(place)}, the log ${b}`);
    }
  }
  return differences;
}
