import { Command } from '@nestjs/cqrs';
import type { DeadLetterSelection, ReplayOptions, ReplayOutcome } from '../../ports/dead-letters.port.js';

/** Returns dead letters to the topic they came from. A second replay records nothing twice. */
export class ReplayDeadLettersCommand extends Command<ReplayOutcome> {
  constructor(
    readonly selection: DeadLetterSelection,
    readonly options: ReplayOptions,
  ) {
    super();
  }
}
