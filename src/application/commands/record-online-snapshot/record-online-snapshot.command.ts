import { Command } from '@nestjs/cqrs';

/** Stores the online count of this minute unless another replica already has. */
export class RecordOnlineSnapshotCommand extends Command<{
  readonly recorded: boolean;
  readonly onlineCount: number;
}> {}
