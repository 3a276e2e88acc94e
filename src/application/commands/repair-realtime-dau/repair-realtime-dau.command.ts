import { Command } from '@nestjs/cqrs';

/** Rebuilds the live DAU of days that lost additions, such as after an outage of Redis. */
export class RepairRealtimeDauCommand extends Command<void> {
  /** @param afterStart also rebuilds today and yesterday: a new process cannot know what the last one missed */
  constructor(readonly afterStart = false) {
    super();
  }
}
