import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  ACTIVE_BITS_REPOSITORY,
  type IActiveBitsRepository,
} from '../../../domain/repositories/active-bits.repository.interface.js';
import { formatToDateKey, type DateKey } from '../../../shared/utils/timezone.util.js';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import { Attempts } from '../../services/attempts.js';
import { UniteWeeksCommand, type UniteWeeksResult } from './unite-weeks.command.js';

@CommandHandler(UniteWeeksCommand)
export class UniteWeeksHandler implements ICommandHandler<UniteWeeksCommand> {
  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(ACTIVE_BITS_REPOSITORY) private readonly bits: IActiveBitsRepository,
  ) {}

  async execute({ limit, untilMs }: UniteWeeksCommand): Promise<UniteWeeksResult> {
    const weeks = await this.bits.findWeeks(formatToDateKey(this.clock.now()), limit);
    const attempts = new Attempts(() => this.clock.elapsedMs() >= untilMs);
    const united: DateKey[] = [];
    for (const week of weeks)
      await attempts.run(async () => {
        await this.bits.uniteWeek(week);
        united.push(week);
      });
    attempts.end();
    return { weeks: united };
  }
}
