import { Command } from '@nestjs/cqrs';

/** Removes users whose last heartbeat is stored no longer (`TimeWindow.KEPT_SECONDS`); repeating it changes nothing. */
export class RemoveExpiredPresenceCommand extends Command<void> {}
