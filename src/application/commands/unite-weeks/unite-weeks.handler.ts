import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  ACTIVE_BITS_REPOSITORY,
  type IActiveBitsRepository,
} from '../../../domain/repositories/active-bits.repository.interface.js';
import { formatToDateKey } from '../../../shared/utils/timezone.util.js';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import { Attempts } from '../../services/attempts.js';
import { UniteWeeksCommand, type UniteWeeksResult } from './unite-weeks.command.js';

@CommandHandler(UniteWeeksCommand)
export class UniteWeeksHandler implements ICommandHandler<UniteWeeksCommand> {
  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(ACTIVE_BITS_REPOSITORY) private readonly bits: IActiveBitsRepository,
  ) {}

  async execute({ limit }: UniteWeeksCommand): Promise<UniteWeeksResult> {
    const weeks = await this.bits.findWeeks(formatToDateKey(this.clock.now()), limit);
    const attempts = new Attempts();
    for (const week of weeks) await attempts.run(() => this.bits.uniteWeek(week));
    attempts.end();
    return { weeks };
  }
}
