import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  ACTIVE_BITS_REPOSITORY,
  type IActiveBitsRepository,
} from '../../../domain/repositories/active-bits.repository.interface.js';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import { BuildActivesCommand, type BuildActivesResult } from './build-actives.command.js';

@CommandHandler(BuildActivesCommand)
export class BuildActivesHandler implements ICommandHandler<BuildActivesCommand> {
  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(ACTIVE_BITS_REPOSITORY) private readonly bits: IActiveBitsRepository,
  ) {}

  async execute({ day }: BuildActivesCommand): Promise<BuildActivesResult> {
    const { total } = await this.bits.build(day, () => this.clock.now());
    return { day, activeCount: total };
  }
}
