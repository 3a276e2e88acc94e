import type { Interval } from './interval.js';
import type { Place } from './places.js';

export const SESSION_START = 'app_session_start';
export const SESSION_END = 'app_session_end';

/** The arguments on which a plan depends. */
export interface PlanContext {
  readonly seed: string;
  readonly runId: string;
  readonly durationMs: number;
  /** The factor by which devices live faster than real time. */
  readonly speed: number;
  /** The probability that the response to an attempt is lost on purpose. */
  readonly loss: number;
}

/**
 * Everything that a device will do, decided before the first request is sent.
 * All times are milliseconds since the start of the run; events of an offline queue have negative times.
 */
export interface DevicePlan {
  readonly index: number;
  readonly installId: string;
  readonly os: string;
  readonly osVersion: string;
  readonly appVersion: string;
  readonly networkType: string;
  /** The error of the device's clock: positive when it is ahead. */
  readonly clockErrorMs: number;
  readonly traits: ReadonlySet<Trait>;
  readonly foreground: readonly Interval[];
  /** Batches in the order in which the device queues them. */
  readonly batches: readonly PlannedBatch[];
  readonly heartbeats: readonly PlannedHeartbeat[];
}

export type Trait =
  | 'anonymous'
  | 'logged in'
  | 'logs in midway'
  | 'switches accounts'
  | 'shares its user with a second device'
  | 'travels'
  | 'names no province'
  | 'names no city'
  | 'brings an offline queue'
  | 'goes offline'
  | 'clock wrong by hours'
  | 'clock off by up to 2 min'
  | 'compresses its batches';

export interface PlannedBatch {
  readonly dueMs: number;
  /** The user who was logged in when the events happened; a batch never mixes two users. */
  readonly userId?: string;
  readonly credentials: Credentials;
  readonly includesSentAt: boolean;
  readonly gzip: boolean;
  readonly events: readonly PlannedEvent[];
  /** Losses of the first attempts' responses; later attempts succeed. */
  readonly losses: readonly ResponseLoss[];
}

/** The way a batch names its user: by token (the service adds the id), in each event, or by both. */
export type Credentials = 'none' | 'token' | 'token and id' | 'id';

export interface PlannedEvent {
  readonly atMs: number;
  readonly name: string;
  readonly eventId?: string;
  readonly place?: Place;
  readonly page?: string;
  readonly defect?: Defect;
}

/** A reason for the service to reject the event. */
export type Defect =
  'no install id' | 'short install id' | 'spaces in the name' | 'timestamp in words' | 'user id in letters';

/**
 * `abort` closes the connection `afterMs` after the request, so the client cannot know what was stored.
 * `discard` reads the whole response and then sends the same request again.
 */
export type ResponseLoss =
  { readonly kind: 'abort'; readonly afterMs: number } | { readonly kind: 'discard' };

export interface PlannedHeartbeat {
  readonly dueMs: number;
  readonly userId: string;
  readonly losses: readonly ResponseLoss[];
}

/** An event in the device's queue, with the user who was logged in when it happened. */
export interface QueuedEvent {
  readonly event: PlannedEvent;
  readonly userId: string | undefined;
}
