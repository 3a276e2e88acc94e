import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  ACTIVE_BITS_REPOSITORY,
  type IActiveBitsRepository,
} from '../../../domain/repositories/active-bits.repository.interface.js';
import { AuditNewUsersQuery, type NewUsersAudit } from './audit-new-users.query.js';

@QueryHandler(AuditNewUsersQuery)
export class AuditNewUsersHandler implements IQueryHandler<AuditNewUsersQuery> {
  constructor(@Inject(ACTIVE_BITS_REPOSITORY) private readonly bits: IActiveBitsRepository) {}

  async execute({ first, last, onStep }: AuditNewUsersQuery): Promise<readonly NewUsersAudit[]> {
    const differences = await this.bits.compareNewUsers(first, last, onStep);
    return differences.map(({ day, missing, surplus }) => ({
      day,
      drift: [
        ...(missing > 0 ? [`new users: ${missing} had no earlier day and are not counted as new`] : []),
        ...(surplus > 0
          ? [`new users: ${surplus} are counted as new and had an earlier day, or not this one`]
          : []),
      ],
    }));
  }
}
