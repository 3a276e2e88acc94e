import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  ACTIVE_SPANS_REPOSITORY,
  type IActiveSpansRepository,
} from '../../../domain/repositories/active-spans.repository.interface.js';
import { STICKINESS_WINDOW } from '../../../shared/rules/active-interval.rule.js';
import { roundRatio } from '../../../shared/utils/ratio.util.js';
import { assertDayRange, cutAtToday } from '../../services/day-range.js';
import { PlaceFilters } from '../../services/place-filters.service.js';
import { SettledDays } from '../../services/settled-days.service.js';
import {
  GetRollingActiveUsersQuery,
  type RollingActiveUsersResult,
} from './get-rolling-active-users.query.js';

@QueryHandler(GetRollingActiveUsersQuery)
export class GetRollingActiveUsersHandler implements IQueryHandler<GetRollingActiveUsersQuery> {
  constructor(
    @Inject(ACTIVE_SPANS_REPOSITORY) private readonly spans: IActiveSpansRepository,
    private readonly settledDays: SettledDays,
    private readonly places: PlaceFilters,
  ) {}

  async execute(query: GetRollingActiveUsersQuery): Promise<RollingActiveUsersResult> {
    const { startDate, endDate, window } = query;
    assertDayRange(startDate, endDate);
    const place = this.places.parse(query.place);
    const { today, isFinal } = await this.settledDays.read();
    const span = cutAtToday(startDate, endDate, today);
    const counts = span === null ? [] : await this.spans.countRolling(span, window, place);
    const data = counts.map(({ day, activeCount, dauCount }) => ({
      ...{ day, activeCount, dauCount },
      ...(window === STICKINESS_WINDOW && { stickiness: roundRatio(dauCount, activeCount) }),
      isFinal: isFinal(day),
    }));
    return { window, data, total: data.length };
  }
}
