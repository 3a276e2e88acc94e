import {
  MAX_LISTED_USERS,
  type IPresenceRepository,
} from '../../domain/repositories/presence.repository.interface.js';

const MAX_USERS = 1_000_000;

/**
 * Presence of one process, lost at a restart and restored by the next heartbeats.
 * The map is ordered by the time of the last update, and evicts the oldest entry above a million users.
 */
export class InProcessPresenceRepository implements IPresenceRepository {
  private readonly lastHeartbeat = new Map<bigint, number>();

  updateUserPresence(userId: bigint, timestampSeconds: number): Promise<void> {
    const known = this.lastHeartbeat.get(userId);
    if (known === undefined || timestampSeconds > known) {
      this.lastHeartbeat.delete(userId);
      this.lastHeartbeat.set(userId, timestampSeconds);
    }
    if (this.lastHeartbeat.size > MAX_USERS) {
      const [oldest] = this.lastHeartbeat.keys();
      if (oldest !== undefined) this.lastHeartbeat.delete(oldest);
    }
    return Promise.resolve();
  }

  countOnlineUsers(thresholdSeconds: number): Promise<number> {
    let count = 0;
    for (const seconds of this.lastHeartbeat.values()) if (seconds > thresholdSeconds) count++;
    return Promise.resolve(count);
  }

  getOnlineUsers(thresholdSeconds: number, limit = MAX_LISTED_USERS): Promise<bigint[]> {
    const count = Math.max(0, Math.min(limit, MAX_LISTED_USERS));
    const online = [...this.lastHeartbeat].filter(([, seconds]) => seconds > thresholdSeconds);
    online.sort(([, a], [, b]) => a - b);
    return Promise.resolve(online.slice(0, count).map(([userId]) => userId));
  }

  removeExpiredUsers(thresholdSeconds: number): Promise<number> {
    let removed = 0;
    for (const [userId, seconds] of this.lastHeartbeat) {
      if (seconds <= thresholdSeconds && this.lastHeartbeat.delete(userId)) removed++;
    }
    return Promise.resolve(removed);
  }

  getUserLastHeartbeat(userId: bigint): Promise<number | null> {
    return Promise.resolve(this.lastHeartbeat.get(userId) ?? null);
  }
}
