import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  ACTIVE_BITS_REPOSITORY,
  type IActiveBitsRepository,
} from '../../../domain/repositories/active-bits.repository.interface.js';
import { AuditFirstDaysQuery, type FirstDaysAudit } from './audit-first-days.query.js';

@QueryHandler(AuditFirstDaysQuery)
export class AuditFirstDaysHandler implements IQueryHandler<AuditFirstDaysQuery> {
  constructor(@Inject(ACTIVE_BITS_REPOSITORY) private readonly bits: IActiveBitsRepository) {}

  async execute({ first, last, onStep }: AuditFirstDaysQuery): Promise<FirstDaysAudit> {
    const { differences, withoutLog, unsettled } = await this.bits.compareFirstDays(first, last, onStep);
    const days = differences.map(({ day, missing, surplus }) => ({
      day,
      drift: [
        ...(missing > 0
          ? [`new users: ${missing} have this first day in the log and another one in the dictionary`]
          : []),
        ...(surplus > 0
          ? [
              `new users: ${surplus} have this first day in the dictionary and no event of it in the log, or an earlier one`,
            ]
          : []),
      ],
    }));
    return { days, withoutLog, unsettled };
  }
}
