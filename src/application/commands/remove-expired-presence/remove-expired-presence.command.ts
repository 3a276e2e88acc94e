import { Command } from '@nestjs/cqrs';

/** Removes users whose last heartbeat is 24 hours old or older. Hourly housekeeping; repeating it changes nothing. */
export class RemoveExpiredPresenceCommand extends Command<void> {}
