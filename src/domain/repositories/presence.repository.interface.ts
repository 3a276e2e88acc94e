/** When each user was last heard of, by the server's clock in whole Unix seconds. */
export interface IPresenceRepository {
  /** Raises the user's last heartbeat, never lowers it. @throws ApplicationException `redis_unavailable` */
  updateUserPresence(userId: bigint, timestampSeconds: number): Promise<void>;

  /** Users whose last heartbeat is strictly later than the threshold. */
  countOnlineUsers(thresholdSeconds: number): Promise<number>;

  /** Forgets users whose last heartbeat is at or before the threshold. @returns how many */
  removeExpiredUsers(thresholdSeconds: number): Promise<number>;

  /** @returns Unix seconds, or null for a user never heard of, or forgotten */
  getUserLastHeartbeat(userId: bigint): Promise<number | null>;
}

export const PRESENCE_REPOSITORY = Symbol('IPresenceRepository');
