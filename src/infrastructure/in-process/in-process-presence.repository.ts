import {
  MAX_LISTED_USERS,
  type IPresenceRepository,
  type ReachableCount,
} from '../../domain/repositories/presence.repository.interface.js';
import type { IClock } from '../../application/ports/clock.port.js';
import { latestTimestamp } from '../../domain/value-objects/time-window.vo.js';
import { SystemClock } from '../system/system-clock.js';

const MAX_USERS = 1_000_000;

/**
 * Presence of one process, lost at a restart and restored by the next heartbeats.
 * The map is ordered by the time of the last update, and evicts the oldest entry above a million users.
 */
export class InProcessPresenceRepository implements IPresenceRepository {
  private readonly lastHeartbeat = new Map<bigint, number>();

  constructor(private readonly clock: Pick<IClock, 'now'> = new SystemClock()) {}

  updateUserPresence(userId: bigint, timestampSeconds: number): Promise<void> {
    const known = this.lastHeartbeat.get(userId);
    if (known === undefined || timestampSeconds > known || known > latestTimestamp(this.clock.now())) {
      this.lastHeartbeat.delete(userId);
      this.lastHeartbeat.set(userId, timestampSeconds);
    }
    if (this.lastHeartbeat.size > MAX_USERS) {
      const [oldest] = this.lastHeartbeat.keys();
      if (oldest !== undefined) this.lastHeartbeat.delete(oldest);
    }
    return Promise.resolve();
  }

  async updateUsersPresence(userIds: readonly bigint[], timestampSeconds: number): Promise<void> {
    for (const userId of userIds) await this.updateUserPresence(userId, timestampSeconds);
  }

  countOnlineUsers(thresholdSeconds: number, untilSeconds = Infinity): Promise<number> {
    let count = 0;
    for (const seconds of this.lastHeartbeat.values())
      if (seconds > thresholdSeconds && seconds <= untilSeconds) count++;
    return Promise.resolve(count);
  }

  async countReachableUsers(thresholdSeconds: number, untilSeconds?: number): Promise<ReachableCount> {
    return { count: await this.countOnlineUsers(thresholdSeconds, untilSeconds), coverage: 1 };
  }

  getOnlineUsers(
    thresholdSeconds: number,
    limit = MAX_LISTED_USERS,
    untilSeconds = Infinity,
  ): Promise<bigint[]> {
    const count = Math.max(0, Math.min(limit, MAX_LISTED_USERS));
    const online = [...this.lastHeartbeat].filter(
      ([, seconds]) => seconds > thresholdSeconds && seconds <= untilSeconds,
    );
    online.sort(([, a], [, b]) => a - b);
    return Promise.resolve(online.slice(0, count).map(([userId]) => userId));
  }

  removeExpiredUsers(thresholdSeconds: number): Promise<number> {
    return Promise.resolve(this.removeWhere((seconds) => seconds <= thresholdSeconds));
  }

  removeFutureUsers(untilSeconds: number): Promise<number> {
    return Promise.resolve(this.removeWhere((seconds) => seconds > untilSeconds));
  }

  removeUser(userId: bigint): Promise<boolean> {
    return Promise.resolve(this.lastHeartbeat.delete(userId));
  }

  getUserLastHeartbeat(userId: bigint): Promise<number | null> {
    return Promise.resolve(this.lastHeartbeat.get(userId) ?? null);
  }

  private removeWhere(isRemoved: (seconds: number) => boolean): number {
    let removed = 0;
    for (const [userId, seconds] of this.lastHeartbeat) {
      if (isRemoved(seconds) && this.lastHeartbeat.delete(userId)) removed++;
    }
    return removed;
  }
}
