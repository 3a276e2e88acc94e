import { Command } from '@nestjs/cqrs';

export interface RecordHeartbeatResult {
  readonly ok: true;
  /** Unix seconds by the server's clock: what the user's presence was set to. */
  readonly serverTs: number;
}

export class RecordHeartbeatCommand extends Command<RecordHeartbeatResult> {
  /**
   * @param clientTs Unix seconds by the device; taken for diagnosis only, presence goes by the server's clock
   */
  constructor(
    readonly userId: bigint,
    readonly installId: string,
    readonly appVersion: string,
    readonly clientTs: number,
  ) {
    super();
  }
}
