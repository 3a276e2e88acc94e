import { Command } from '@nestjs/cqrs';

export interface RecordHeartbeatResult {
  readonly ok: true;
  /** Unix seconds by the server's clock, to which the user's presence was raised. */
  readonly serverTs: number;
}

export class RecordHeartbeatCommand extends Command<RecordHeartbeatResult> {
  /** @param clientTs Unix seconds by the device, for diagnosis only; presence uses the server's clock */
  constructor(
    readonly userId: bigint,
    readonly installId: string,
    readonly appVersion: string,
    readonly clientTs: number,
  ) {
    super();
  }
}
