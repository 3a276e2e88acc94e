import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  ACTIVE_SPANS_REPOSITORY,
  type IActiveSpansRepository,
} from '../../../domain/repositories/active-spans.repository.interface.js';
import { PlaceFilter } from '../../../domain/value-objects/place-filter.vo.js';
import { placeNames, type PlaceNaming } from '../../../domain/value-objects/place-names.vo.js';
import type { DaySpan } from '../../../domain/value-objects/active-span.vo.js';
import { listIntervals } from '../../../shared/rules/active-interval.rule.js';
import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { fieldMessage } from '../../../shared/utils/field-message.util.js';
import { PLACE_NAMING } from '../../services/event-parser.service.js';
import { SettledDays } from '../../services/settled-days.service.js';
import { assertDayRange } from '../day-range.js';
import {
  GetActiveUsersQuery,
  type ActiveUsersItem,
  type ActiveUsersResult,
} from './get-active-users.query.js';

/** Counts distinct users over days, weeks, months or one span; sums of days would count most of them often. */
@QueryHandler(GetActiveUsersQuery)
export class GetActiveUsersHandler implements IQueryHandler<GetActiveUsersQuery> {
  constructor(
    @Inject(ACTIVE_SPANS_REPOSITORY) private readonly spans: IActiveSpansRepository,
    private readonly settledDays: SettledDays,
    @Inject(PLACE_NAMING) private readonly placeNaming: PlaceNaming,
  ) {}

  async execute(query: GetActiveUsersQuery): Promise<ActiveUsersResult> {
    const { startDate, endDate, interval, options } = query;
    assertDayRange(startDate, endDate);
    const place = PlaceFilter.of(options, placeNames(this.placeNaming));
    assertBreakdown(query);
    const asked = listIntervals(startDate, endDate, interval);
    const settlement = await this.settledDays.read(asked.at(-1)?.last ?? endDate);
    const intervals = asked.filter(({ first }) => first <= settlement.today);
    const counts = await this.spans.countSpans(intervals, place);
    const data = await Promise.all(
      intervals.map(async ({ first, last }, index) => {
        const { activeCount, newCount } = counts[index] ?? { activeCount: 0, newCount: 0 };
        return {
          ...{ startDate: first, endDate: last, activeCount, newCount },
          returningCount: activeCount - newCount,
          isFinal: settlement.isFinal(last),
          ...(await this.countPlaces({ first, last }, query)),
        };
      }),
    );
    return { interval, data, total: data.length, ...settlement.state };
  }

  private async countPlaces(
    span: DaySpan,
    { options: { breakdown } }: GetActiveUsersQuery,
  ): Promise<Pick<ActiveUsersItem, 'byProvince' | 'byCity'>> {
    if (breakdown === undefined) return {};
    const counts = [...(await this.spans.countPlaces(span, breakdown))].sort(([a], [b]) => (a < b ? -1 : 1));
    return { [breakdown === 'province' ? 'byProvince' : 'byCity']: Object.fromEntries(counts) };
  }
}

/** Places of a city are not stored, and places of each day of a long range would be too many. */
function assertBreakdown({ interval, options: { breakdown, province, city } }: GetActiveUsersQuery): void {
  if (breakdown === undefined) return;
  if (interval !== 'span') {
    throw invalidBreakdown(
      breakdown,
      'be absent unless interval is span',
      'leave it out, or write interval=span',
    );
  }
  const filter = province !== undefined ? 'province' : 'city';
  if (province ?? city)
    throw invalidBreakdown(breakdown, `be absent beside ${filter}`, 'leave one of the two out');
}

function invalidBreakdown(value: string, rule: string, nextStep: string): ApplicationException {
  const message = fieldMessage('breakdown', rule, value, nextStep);
  return new ApplicationException('request_invalid', {
    detail: message,
    errors: [{ field: 'breakdown', message }],
  });
}
