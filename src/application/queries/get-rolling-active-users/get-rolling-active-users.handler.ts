import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  ACTIVE_SPANS_REPOSITORY,
  type IActiveSpansRepository,
} from '../../../domain/repositories/active-spans.repository.interface.js';
import { PlaceFilter } from '../../../domain/value-objects/place-filter.vo.js';
import { placeNames, type PlaceNaming } from '../../../domain/value-objects/place-names.vo.js';
import { STICKINESS_WINDOW } from '../../../shared/rules/active-interval.rule.js';
import { roundRatio } from '../../../shared/utils/ratio.util.js';
import { PLACE_NAMING } from '../../services/event-parser.service.js';
import { cutAtToday, SettledDays } from '../../services/settled-days.service.js';
import { assertDayRange } from '../day-range.js';
import {
  GetRollingActiveUsersQuery,
  type RollingActiveUsersResult,
} from './get-rolling-active-users.query.js';

@QueryHandler(GetRollingActiveUsersQuery)
export class GetRollingActiveUsersHandler implements IQueryHandler<GetRollingActiveUsersQuery> {
  constructor(
    @Inject(ACTIVE_SPANS_REPOSITORY) private readonly spans: IActiveSpansRepository,
    private readonly settledDays: SettledDays,
    @Inject(PLACE_NAMING) private readonly placeNaming: PlaceNaming,
  ) {}

  async execute(query: GetRollingActiveUsersQuery): Promise<RollingActiveUsersResult> {
    const { startDate, endDate, window } = query;
    assertDayRange(startDate, endDate);
    const place = PlaceFilter.of(query.place, placeNames(this.placeNaming));
    const settlement = await this.settledDays.read(endDate);
    const span = cutAtToday(startDate, endDate, settlement.today);
    const counts = span === null ? [] : await this.spans.countRolling(span, window, place);
    const data = counts.map(({ day, activeCount, dauCount }) => ({
      ...{ day, activeCount, dauCount },
      ...(window === STICKINESS_WINDOW && { stickiness: roundRatio(dauCount, activeCount) }),
      isFinal: settlement.isFinal(day),
    }));
    return { window, data, total: data.length, ...settlement.state };
  }
}
