import { Command } from '@nestjs/cqrs';

/** Removes heartbeats of the future, which a clock that ran ahead has written; repeating it changes nothing. */
export class RepairPresenceCommand extends Command<void> {}
