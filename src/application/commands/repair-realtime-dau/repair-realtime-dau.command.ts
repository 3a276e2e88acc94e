import { Command } from '@nestjs/cqrs';

/** Rebuilds the live DAU of days that lost identities, by an outage, a restart or a loss of data. */
export class RepairRealtimeDauCommand extends Command<void> {
  /** @param afterStart also rebuilds today and yesterday: a new process cannot know what the last one missed */
  constructor(readonly afterStart = false) {
    super();
  }
}
