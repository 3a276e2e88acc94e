import type { IPresenceRepository } from '../../domain/repositories/presence.repository.interface.js';

const MAX_USERS = 1_000_000;

/**
 * Presence for one process on one laptop; a restart forgets it, and the next heartbeats bring it back. Users are kept
 * in the order of their last heartbeat, so the newest are at the end; beyond a million the oldest are forgotten.
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
