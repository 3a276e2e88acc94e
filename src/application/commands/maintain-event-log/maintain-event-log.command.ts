import { Command } from '@nestjs/cqrs';

/** Creates partitions ahead and removes clock corrections that no retry can need. Repeating it changes nothing. */
export class MaintainEventLogCommand extends Command<void> {}
