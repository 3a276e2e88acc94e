import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  ACTIVE_SPANS_REPOSITORY,
  type IActiveSpansRepository,
} from '../../../domain/repositories/active-spans.repository.interface.js';
import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { addDaysToKey, countDays } from '../../../shared/utils/timezone.util.js';
import { roundRatio } from '../../../shared/utils/ratio.util.js';
import { cutAtToday, SettledDays } from '../../services/settled-days.service.js';
import { assertDayRange } from '../day-range.js';
import { GetRetentionQuery, type RetentionResult } from './get-retention.query.js';

/** Bounds the cost of a request: a year with seven values of `after`, or a month with 31. */
export const MAX_CELLS = 2562;

@QueryHandler(GetRetentionQuery)
export class GetRetentionHandler implements IQueryHandler<GetRetentionQuery> {
  constructor(
    @Inject(ACTIVE_SPANS_REPOSITORY) private readonly spans: IActiveSpansRepository,
    private readonly settledDays: SettledDays,
  ) {}

  async execute({ startDate, endDate, cohort, after }: GetRetentionQuery): Promise<RetentionResult> {
    assertDayRange(startDate, endDate);
    assertCells(countDays(startDate, endDate), after.length);
    // The latest day on which a user of the range may come back.
    const { today, state } = await this.settledDays.read(addDaysToKey(endDate, Math.max(...after)));
    const span = cutAtToday(startDate, endDate, today);
    const lastOver = addDaysToKey(today, -1);
    const rows = span === null ? [] : await this.spans.countRetention(span, cohort, after, lastOver);
    const data = rows.map(({ day, cohortSize, retained }) => ({
      day,
      cohortSize,
      retained: [...retained].map(([days, count]) => ({
        after: days,
        count,
        rate: roundRatio(count, cohortSize),
      })),
    }));
    return { cohort, data, total: data.length, ...state };
  }
}

function assertCells(days: number, values: number): void {
  if (days * values <= MAX_CELLS) return;
  throw new ApplicationException('date_range_invalid', {
    detail:
      `The days of the range times the values of after must be at most ${MAX_CELLS}, ` +
      `they are ${days} times ${values}: ask for fewer days or fewer values at a time`,
    field: 'endDate',
  });
}
