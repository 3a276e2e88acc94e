import { Injectable } from '@nestjs/common';
import { latestTimestamp, TimeWindow } from '../value-objects/time-window.vo.js';

@Injectable()
export class OnlineDetectionService {
  private readonly timeWindow = TimeWindow.default();

  /** Compares as the repositories do: later than the threshold, and not later than a clock may be ahead. */
  isOnline(lastHeartbeatSeconds: number, now: Date): boolean {
    return (
      lastHeartbeatSeconds > this.getOnlineThreshold(now) &&
      lastHeartbeatSeconds <= this.getLatestHeartbeat(now)
    );
  }

  /** Unix seconds. */
  getOnlineThreshold(now: Date): number {
    return this.timeWindow.getThresholdTimestamp(now);
  }

  /** Unix seconds; a later heartbeat comes from a clock that ran ahead and counts for nobody. */
  getLatestHeartbeat(now: Date): number {
    return latestTimestamp(now);
  }

  getWindowSeconds(): number {
    return this.timeWindow.windowSeconds;
  }
}
