import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import type { DailyActiveStats } from '../../../domain/aggregates/daily-active-stats/daily-active-stats.aggregate.js';
import {
  DAILY_ACTIVE_STATS_REPOSITORY,
  type IDailyActiveStatsRepository,
} from '../../../domain/repositories/daily-active-stats.repository.interface.js';
import {
  ACTIVE_BITS_REPOSITORY,
  type IActiveBitsRepository,
} from '../../../domain/repositories/active-bits.repository.interface.js';
import {
  DAILY_ACTIVES_REPOSITORY,
  type IDailyActivesRepository,
  type PendingMarks,
} from '../../../domain/repositories/daily-actives.repository.interface.js';
import { coversCount, type ActiveCount } from '../../../domain/value-objects/active-count.vo.js';
import { DauCalculationService } from '../../../domain/services/dau-calculation.service.js';
import { isServiceException } from '../../../shared/exceptions/service-exception.js';
import { CalculateDauCommand, type CalculateDauResult } from './calculate-dau.command.js';

const MAX_ATTEMPTS = 3;

@CommandHandler(CalculateDauCommand)
export class CalculateDauHandler implements ICommandHandler<CalculateDauCommand> {
  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(DAILY_ACTIVES_REPOSITORY) private readonly actives: IDailyActivesRepository,
    @Inject(ACTIVE_BITS_REPOSITORY) private readonly bits: IActiveBitsRepository,
    @Inject(DAILY_ACTIVE_STATS_REPOSITORY) private readonly stats: IDailyActiveStatsRepository,
    private readonly calculation: DauCalculationService,
  ) {}

  async execute(command: CalculateDauCommand): Promise<CalculateDauResult> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.calculate(command);
      } catch (error) {
        // Another replica stored this version first: count again on top of it.
        const conflict = isServiceException(error) && error.code === 'dau_version_conflict';
        if (!conflict || attempt >= MAX_ATTEMPTS) throw error;
      }
    }
  }

  private async calculate({ day, unlessCalculatedSince }: CalculateDauCommand): Promise<CalculateDauResult> {
    const existing = await this.stats.findByDate(day);
    if (existing && unlessCalculatedSince && existing.calculatedAt >= unlessCalculatedSince) {
      return { day, dauCount: existing.dauCount, version: existing.version, calculated: false };
    }
    const { marks, countedAt, ...count } = await this.bits.build(day, () => this.clock.now());
    if (existing !== null && (await this.isLost(existing, count))) return this.keep(existing, marks);
    const stats = this.calculation.calculate(day, count, existing, countedAt);
    if (stats === null) return { day, dauCount: 0, version: 0, calculated: true };
    await this.stats.upsert(stats, marks);
    return { day, dauCount: stats.dauCount, version: stats.version, calculated: true };
  }

  /** True when the active set was dropped before its bits were built: a count may not lower the figures then. */
  private async isLost(
    { day, dauCount, dauByProvince, dauByCity }: DailyActiveStats,
    count: ActiveCount,
  ): Promise<boolean> {
    const figures = { total: dauCount, byProvince: dauByProvince, byCity: dauByCity };
    return !coversCount(count, figures) && (await this.actives.wasDropped(day));
  }

  /** Settles the marks all the same: they would make the day due every hour. */
  private async keep(stats: DailyActiveStats, marks: PendingMarks): Promise<CalculateDauResult> {
    if (marks.length > 0) await this.stats.settle(marks);
    const { day, dauCount, version } = stats;
    return { day, dauCount, version, calculated: false, kept: true };
  }
}
