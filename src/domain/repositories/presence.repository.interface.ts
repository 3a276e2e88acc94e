/** Limits one list of online users, so that no command blocks Redis for long. */
export const MAX_LISTED_USERS = 10_000;

/** A count of what the store could say. */
export interface ReachableCount {
  readonly count: number;
  /** Share of the users whose part of the store answered, above 0; 1 means that the count is complete. */
  readonly coverage: number;
}

/**
 * The last heartbeat of each user, in whole Unix seconds of the clock that all replicas share.
 * Every method throws ApplicationException `redis_unavailable` when a part of the store that it needs does not answer.
 */
export interface IPresenceRepository {
  /**
   * Raises the user's last heartbeat; an older timestamp changes nothing. Replaces an entry that lies in the future
   * by more than `TimeWindow.FUTURE_TOLERANCE_SECONDS`. The store may forget the user `TimeWindow.KEPT_SECONDS` later.
   */
  updateUserPresence(userId: bigint, timestampSeconds: number): Promise<void>;

  /**
   * Raises the last heartbeat of many users, as {@link updateUserPresence} does, in one round trip to the store.
   * After an error some of them may be raised; sending all again changes nothing else.
   */
  updateUsersPresence(userIds: readonly bigint[], timestampSeconds: number): Promise<void>;

  /**
   * Counts users whose last heartbeat is strictly later than the threshold.
   *
   * @param untilSeconds leaves out users whose last heartbeat is later than this; default: nobody
   */
  countOnlineUsers(thresholdSeconds: number, untilSeconds?: number): Promise<number>;

  /**
   * Counts as {@link countOnlineUsers}, and leaves out the users of parts that do not answer.
   * It throws when no part answers.
   */
  countReachableUsers(thresholdSeconds: number, untilSeconds?: number): Promise<ReachableCount>;

  /**
   * Returns users whose last heartbeat is strictly later than the threshold, oldest heartbeat first.
   *
   * @param limit at most {@link MAX_LISTED_USERS}, which is also the default
   * @param untilSeconds leaves out users whose last heartbeat is later than this; default: nobody
   */
  getOnlineUsers(thresholdSeconds: number, limit?: number, untilSeconds?: number): Promise<bigint[]>;

  /** Removes users whose last heartbeat is at or before the threshold. @returns how many */
  removeExpiredUsers(thresholdSeconds: number): Promise<number>;

  /** Removes users whose last heartbeat is later than this: the clock that wrote it ran ahead. @returns how many */
  removeFutureUsers(untilSeconds: number): Promise<number>;

  /** Removes one user, whatever the last heartbeat. @returns false for a user without a heartbeat */
  removeUser(userId: bigint): Promise<boolean>;

  /** @returns Unix seconds, or null for a user without a heartbeat and for a removed one */
  getUserLastHeartbeat(userId: bigint): Promise<number | null>;
}

export const PRESENCE_REPOSITORY = Symbol('IPresenceRepository');
