import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { DEAD_LETTERS, type IDeadLetters, type ReplayOutcome } from '../../ports/dead-letters.port.js';
import { ReplayDeadLettersCommand } from './replay-dead-letters.command.js';

@CommandHandler(ReplayDeadLettersCommand)
export class ReplayDeadLettersHandler implements ICommandHandler<ReplayDeadLettersCommand> {
  constructor(@Inject(DEAD_LETTERS) private readonly deadLetters: IDeadLetters) {}

  execute({ selection, options }: ReplayDeadLettersCommand): Promise<ReplayOutcome> {
    return this.deadLetters.replay(selection, options);
  }
}
