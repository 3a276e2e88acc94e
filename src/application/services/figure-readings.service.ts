import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { PROVINCE_NAMES } from '../../domain/value-objects/province-names.js';
import {
  activesBuiltSeconds,
  DAU_DAYS,
  lifecycleUsers,
  onlineAverageUsers,
  onlineMissedMinutes,
  onlinePeakUsers,
  onlineRecordUsers,
  provinceActiveUsers,
  RETENTION_AFTER,
  retentionRatio,
  ROLLING_WINDOWS,
  rollingActiveUsers,
  stickinessRatio,
  FIGURE_DAYS,
  type FigureDay,
} from '../../shared/metrics/figure-metrics.js';
import { COHORTS, type Cohort } from '../../shared/rules/active-interval.rule.js';
import { addDaysToKey, dayRange, formatToDateKey, type DateKey } from '../../shared/utils/timezone.util.js';
import { CLOCK, type IClock } from '../ports/clock.port.js';
import { GetDailyOnlineQuery } from '../queries/get-daily-online/get-daily-online.query.js';
import { GetDauStatsQuery } from '../queries/get-dau-stats/get-dau-stats.query.js';
import { GetLifecycleQuery } from '../queries/get-lifecycle/get-lifecycle.query.js';
import { GetRetentionQuery } from '../queries/get-retention/get-retention.query.js';
import { GetRollingActiveUsersQuery } from '../queries/get-rolling-active-users/get-rolling-active-users.query.js';
import { setDauByDay, setPlaces } from './dau-metrics.js';

/** The days of one reading, and the time until the names `today` and `yesterday` mean other days. */
interface Days {
  readonly today: DateKey;
  readonly yesterday: DateKey;
  readonly forMs: number;
  readonly nameOf: (day: DateKey) => FigureDay;
}

/** Counts figures by the queries of the API, so that metrics and page agree, and sets their gauges. */
@Injectable()
export class FigureReadings {
  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    private readonly queryBus: QueryBus,
  ) {
    for (const day of FIGURE_DAYS)
      for (const province of PROVINCE_NAMES) provinceActiveUsers.announce([province, day]);
  }

  /** Returns the readings; each costs the work of one or a few requests for two days, or for a month of DAU. */
  list(): (() => Promise<void>)[] {
    return [
      ...ROLLING_WINDOWS.map((window) => () => this.readRolling(this.days(), window)),
      () => this.readLifecycle(this.days()),
      ...COHORTS.flatMap((cohort) =>
        RETENTION_AFTER.map((after) => () => this.readRetention(this.days(), cohort, after)),
      ),
      () => this.readDau(this.days()),
      () => this.readOnline(this.days()),
    ];
  }

  private async readRolling({ yesterday, today, forMs, nameOf }: Days, window: number): Promise<void> {
    const query = new GetRollingActiveUsersQuery(yesterday, today, window);
    const { data, calculatedAt } = await this.queryBus.execute(query);
    for (const { day, activeCount, stickiness } of data) {
      rollingActiveUsers.set(activeCount, { of: [String(window), nameOf(day)], forMs });
      if (stickiness !== undefined && activeCount > 0)
        stickinessRatio.set(stickiness, { of: nameOf(day), forMs });
    }
    if (calculatedAt !== null) activesBuiltSeconds.set(calculatedAt.getTime() / 1000);
  }

  private async readLifecycle({ yesterday, today, forMs, nameOf }: Days): Promise<void> {
    const { data } = await this.queryBus.execute(new GetLifecycleQuery(yesterday, today));
    for (const { day, newCount, returningCount, resurrectedCount, dormantCount } of data) {
      const counts = {
        new: newCount,
        returning: returningCount,
        resurrected: resurrectedCount,
        dormant: dormantCount,
      };
      for (const [kind, count] of Object.entries(counts))
        lifecycleUsers.set(count, { of: [kind, nameOf(day)], forMs });
    }
  }

  /** Reads the latest cohort whose day `after` is over. An empty cohort has no rate, which is not a rate of 0. */
  private async readRetention({ yesterday, forMs }: Days, cohort: Cohort, after: number): Promise<void> {
    const day = addDaysToKey(yesterday, -after);
    const { data } = await this.queryBus.execute(new GetRetentionQuery(day, day, cohort, [after]));
    for (const { cohortSize, retained } of data)
      for (const { rate } of retained)
        if (cohortSize > 0) retentionRatio.set(rate, { of: [cohort, String(after)], forMs });
  }

  private async readDau({ yesterday, today, forMs, nameOf }: Days): Promise<void> {
    const startDate = addDaysToKey(today, 1 - DAU_DAYS);
    const { data } = await this.queryBus.execute(new GetDauStatsQuery(startDate, today, { zeroDays: true }));
    setDauByDay(data, forMs);
    setPlaces(
      data.filter(({ day }) => day >= yesterday),
      { nameOf, forMs },
    );
  }

  private async readOnline({ yesterday, today, forMs, nameOf }: Days): Promise<void> {
    const { data, record } = await this.queryBus.execute(new GetDailyOnlineQuery(yesterday, today));
    for (const { day, peak, average, missedMinutes } of data) {
      if (peak !== null) onlinePeakUsers.set(peak.onlineCount, { of: nameOf(day), forMs });
      if (average !== null) onlineAverageUsers.set(average, { of: nameOf(day), forMs });
      onlineMissedMinutes.set(missedMinutes, { of: nameOf(day), forMs });
    }
    if (record !== null) onlineRecordUsers.set(record.onlineCount);
  }

  /** Reads the clock for each figure: a run may go on over midnight. */
  private days(): Days {
    const now = this.clock.now();
    const today = formatToDateKey(now);
    return {
      today,
      yesterday: addDaysToKey(today, -1),
      forMs: dayRange(today).end.getTime() - now.getTime(),
      nameOf: (day) => (day === today ? 'today' : 'yesterday'),
    };
  }
}
