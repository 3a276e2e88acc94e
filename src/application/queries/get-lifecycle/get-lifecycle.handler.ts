import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  ACTIVE_SPANS_REPOSITORY,
  type IActiveSpansRepository,
} from '../../../domain/repositories/active-spans.repository.interface.js';
import { addDaysToKey } from '../../../shared/utils/timezone.util.js';
import { cutAtToday, SettledDays } from '../../services/settled-days.service.js';
import { assertDayRange } from '../day-range.js';
import { GetLifecycleQuery, type LifecycleItem, type LifecycleResult } from './get-lifecycle.query.js';

@QueryHandler(GetLifecycleQuery)
export class GetLifecycleHandler implements IQueryHandler<GetLifecycleQuery> {
  constructor(
    @Inject(ACTIVE_SPANS_REPOSITORY) private readonly spans: IActiveSpansRepository,
    private readonly settledDays: SettledDays,
  ) {}

  async execute({ startDate, endDate }: GetLifecycleQuery): Promise<LifecycleResult> {
    assertDayRange(startDate, endDate);
    const settlement = await this.settledDays.read(endDate);
    const span = cutAtToday(startDate, endDate, settlement.today);
    if (span === null) return { data: [], total: 0, ...settlement.state };
    // Starts a day early: who is dormant was active on the day before.
    const flows = await this.spans.countFlows({ ...span, first: addDaysToKey(span.first, -1) });
    const data: LifecycleItem[] = [];
    let before = 0;
    for (const { day, dauCount, newCount, keptCount } of flows) {
      if (day >= span.first) {
        data.push({
          ...{ day, dauCount, newCount },
          returningCount: dauCount - newCount,
          resurrectedCount: dauCount - newCount - keptCount,
          dormantCount: before - keptCount,
          isFinal: settlement.isFinal(day),
        });
      }
      before = dauCount;
    }
    return { data, total: data.length, ...settlement.state };
  }
}
