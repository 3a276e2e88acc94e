import { Command } from '@nestjs/cqrs';

/** @returns whether this call took the minute's snapshot (another replica may have) */
export class RecordOnlineSnapshotCommand extends Command<{
  readonly recorded: boolean;
  readonly onlineCount: number;
}> {}
