import { Command } from '@nestjs/cqrs';
import type { RejectedItem } from '../../services/parse-each.js';

/** A heartbeat as the gateway sent it, unchecked, so that a bad one never fails its neighbours. */
export interface HeartbeatItem {
  readonly userId?: unknown;
  /** Absent or null where the gateway does not know it. */
  readonly installId?: unknown;
  /** Serves diagnosis only. */
  readonly appVersion?: unknown;
}

/** `accepted + failed` is the number of heartbeats sent. */
export interface RecordHeartbeatsResult {
  readonly accepted: number;
  readonly failed: number;
  /** Unix seconds by the server's clock, to which the presence of the accepted users was raised. */
  readonly serverTs: number;
  readonly rejected?: readonly RejectedItem[];
}

/** Heartbeats of many users, from an edge that holds their connections. */
export class RecordHeartbeatsCommand extends Command<RecordHeartbeatsResult> {
  constructor(readonly heartbeats: readonly unknown[]) {
    super();
  }
}
