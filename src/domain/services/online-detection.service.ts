import { Injectable } from '@nestjs/common';
import { TimeWindow } from '../value-objects/time-window.vo.js';

@Injectable()
export class OnlineDetectionService {
  private readonly timeWindow = TimeWindow.default();

  /** Compares strictly, as the repositories do: online means a heartbeat later than the threshold. */
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
