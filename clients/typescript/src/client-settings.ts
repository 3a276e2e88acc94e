/** Limits and times of the client; docs/client-protocol.md states the reason of each. */
export interface ClientSettings {
  /** Limits the events of a request; the service accepts 1000. */
  readonly maxBatchEvents: number;
  /** Limits the bytes of a request before compression; the service accepts 1 MiB. */
  readonly maxBatchBytes: number;
  /** Number of waiting events that are sent without more delay. */
  readonly sendAtEvents: number;
  /** An event waits so long for others. */
  readonly sendAfterMs: number;
  /** Bodies from this size on are compressed. */
  readonly compressFromBytes: number;
  /** Limits the wait for an answer. */
  readonly answerTimeoutMs: number;
  /** The wait after the first failure; each further failure doubles it. */
  readonly firstBackoffMs: number;
  readonly maxBackoffMs: number;
  /** Limits what a `Retry-After` can demand. */
  readonly maxRetryAfterMs: number;
  readonly heartbeatMs: number;
  /** A return to the foreground after this time begins a new session. */
  readonly sessionGapMs: number;
  /** Limits how long a logout waits for the queue. */
  readonly logoutFlushMs: number;
  /** Limits the queue; the oldest event other than a session start is evicted first. */
  readonly maxQueuedEvents: number;
  readonly maxQueuedBytes: number;
  /**
   * Events of a user who is not logged in: `send-without-token`, or `keep` until that user is back. Choose
   * `keep` where the service has EVENTS_TRUST_BODY_USER_ID=false and the events must count for their user.
   */
  readonly eventsOfOtherUsers: 'send-without-token' | 'keep';
}

export const DEFAULT_SETTINGS: ClientSettings = {
  maxBatchEvents: 500,
  maxBatchBytes: 512 * 1024,
  sendAtEvents: 50,
  sendAfterMs: 10_000,
  compressFromBytes: 1024,
  answerTimeoutMs: 30_000,
  firstBackoffMs: 2_000,
  maxBackoffMs: 300_000,
  maxRetryAfterMs: 3_600_000,
  heartbeatMs: 60_000,
  sessionGapMs: 30_000,
  logoutFlushMs: 3_000,
  maxQueuedEvents: 10_000,
  maxQueuedBytes: 5 * 1024 * 1024,
  eventsOfOtherUsers: 'send-without-token',
};
