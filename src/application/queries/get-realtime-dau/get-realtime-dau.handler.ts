import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import {
  REALTIME_DAU_REPOSITORY,
  type IRealtimeDauRepository,
} from '../../../domain/repositories/realtime-dau.repository.interface.js';
import { REALTIME_DAU_STANDARD_ERROR } from '../../../domain/services/realtime-dau-estimate.js';
import { formatToDateKey } from '../../../shared/utils/timezone.util.js';
import { GetRealtimeDauQuery, type RealtimeDauResult } from './get-realtime-dau.query.js';

@QueryHandler(GetRealtimeDauQuery)
export class GetRealtimeDauHandler implements IQueryHandler<GetRealtimeDauQuery> {
  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(REALTIME_DAU_REPOSITORY) private readonly realtimeDau: IRealtimeDauRepository,
  ) {}

  async execute(): Promise<RealtimeDauResult> {
    const queriedAt = this.clock.now();
    const day = formatToDateKey(queriedAt);
    const dauCount = await this.realtimeDau.count(day);
    return { day, dauCount, method: 'hyperloglog', standardError: REALTIME_DAU_STANDARD_ERROR, queriedAt };
  }
}
