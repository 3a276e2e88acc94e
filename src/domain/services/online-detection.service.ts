import { Injectable } from '@nestjs/common';
import { TimeWindow } from '../value-objects/time-window.vo.js';

@Injectable()
export class OnlineDetectionService {
  private readonly timeWindow = TimeWindow.default();

  /** Online: the last heartbeat is later than the threshold. The same strict comparison as in the repositories. */
  isOnline(lastHeartbeatSeconds: number, now: Date): boolean {
    return lastHeartbeatSeconds > this.getOnlineThreshold(now);
  }

  /** Unix seconds. */
  getOnlineThreshold(now: Date): number {
    return this.timeWindow.getThresholdTimestamp(now);
  }

  getWindowSeconds(): number {
    return this.timeWindow.windowSeconds;
  }
}
