import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  ACTIVE_BITS_REPOSITORY,
  type IActiveBitsRepository,
} from '../../../domain/repositories/active-bits.repository.interface.js';
import { AuditWeeksQuery, type WeekAudit } from './audit-weeks.query.js';

@QueryHandler(AuditWeeksQuery)
export class AuditWeeksHandler implements IQueryHandler<AuditWeeksQuery> {
  constructor(@Inject(ACTIVE_BITS_REPOSITORY) private readonly bits: IActiveBitsRepository) {}

  async execute({ first, last }: AuditWeeksQuery): Promise<readonly WeekAudit[]> {
    const differences = await this.bits.compareWeeks(first, last);
    return differences.map(({ week, missing, surplus, places }) => ({
      week,
      drift: [
        ...(missing > 0 ? [`weeks: ${missing} users of a day are missing in the week of ${week}`] : []),
        ...(surplus > 0 ? [`weeks: ${surplus} users of the week of ${week} have no bit on its days`] : []),
        ...(places > 0 ? [`weeks: ${places} lists of places differ in the week of ${week}`] : []),
      ],
    }));
  }
}
