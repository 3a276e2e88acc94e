import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  ACTIVE_BITS_REPOSITORY,
  type IActiveBitsRepository,
} from '../../../domain/repositories/active-bits.repository.interface.js';
import { formatToDateKey } from '../../../shared/utils/timezone.util.js';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import { UniteWeeksCommand, type UniteWeeksResult } from './unite-weeks.command.js';

@CommandHandler(UniteWeeksCommand)
export class UniteWeeksHandler implements ICommandHandler<UniteWeeksCommand> {
  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(ACTIVE_BITS_REPOSITORY) private readonly bits: IActiveBitsRepository,
  ) {}

  async execute({ limit }: UniteWeeksCommand): Promise<UniteWeeksResult> {
    const weeks = await this.bits.findWeeks(formatToDateKey(this.clock.now()), limit);
    const errors: unknown[] = [];
    // The next run begins with the same week: one that fails must not hold up the older ones.
    for (const week of weeks)
      await this.bits.uniteWeek(week).catch((error: unknown) => void errors.push(error));
    if (errors.length > 0) throw errors[0];
    return { weeks };
  }
}
