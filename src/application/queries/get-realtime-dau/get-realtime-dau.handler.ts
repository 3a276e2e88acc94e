import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import {
  REALTIME_DAU_REPOSITORY,
  type IRealtimeDauRepository,
} from '../../../domain/repositories/realtime-dau.repository.interface.js';
import { REALTIME_DAU_STANDARD_ERROR } from '../../../domain/services/realtime-dau-estimate.js';
import { formatToDateKey } from '../../../shared/utils/timezone.util.js';
import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { endsWithin } from '../../../shared/utils/timeout.util.js';
import { RealtimeDauRepair } from '../../services/realtime-dau-repair.service.js';
import { GetRealtimeDauQuery, type RealtimeDauResult } from './get-realtime-dau.query.js';

/** Leaves the figure itself its share of a request's budget (docs/adr/0012). */
const VERIFY_TIMEOUT_MS = 800;

/** Answers only figures that were compared with the active set since the start and since the last new connection. */
@QueryHandler(GetRealtimeDauQuery)
export class GetRealtimeDauHandler implements IQueryHandler<GetRealtimeDauQuery> {
  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(REALTIME_DAU_REPOSITORY) private readonly realtimeDau: IRealtimeDauRepository,
    private readonly repair: RealtimeDauRepair,
  ) {}

  async execute(): Promise<RealtimeDauResult> {
    if (!this.repair.isVerified) await this.verify();
    const queriedAt = this.clock.now();
    const day = formatToDateKey(queriedAt);
    const dauCount = await this.realtimeDau.count(day);
    return { day, dauCount, method: 'hyperloglog', standardError: REALTIME_DAU_STANDARD_ERROR, queriedAt };
  }

  private async verify(): Promise<void> {
    const inTime = await endsWithin(this.repair.verify(), VERIFY_TIMEOUT_MS);
    if (!inTime || !this.repair.isVerified) throw new ApplicationException('realtime_dau_unverified');
  }
}
