import { createHash } from 'node:crypto';
import { elsewhere, somewhere, type Place } from './places.js';
import { Random } from './random.js';

/**
 * What a device will do, decided before anything is sent. A plan depends on seed, run id, size, duration and
 * speed only, never on how fast answers come, so the same arguments give the same crowd. All times are
 * milliseconds of real time since the start of the run; those before it are negative (an offline queue).
 */
export interface DevicePlan {
  readonly index: number;
  readonly installId: string;
  readonly os: string;
  readonly osVersion: string;
  readonly appVersion: string;
  readonly networkType: string;
  /** How far the device's clock is ahead (+) or behind (−). */
  readonly clockErrorMs: number;
  readonly traits: ReadonlySet<Trait>;
  readonly foreground: readonly Interval[];
  /** In the order in which the device queues them. */
  readonly batches: readonly PlannedBatch[];
  readonly heartbeats: readonly PlannedHeartbeat[];
}

export type Trait =
  | 'anonymous'
  | 'logged in'
  | 'logs in midway'
  | 'shares its user with a second device'
  | 'travels'
  | 'names no province'
  | 'names no city'
  | 'brings an offline queue'
  | 'goes offline'
  | 'clock wrong by hours'
  | 'clock off by up to 2 min'
  | 'compresses its batches';

export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

export interface PlannedBatch {
  readonly dueMs: number;
  /** Whoever was logged in when these events happened. A batch never mixes two owners. */
  readonly userId?: string;
  readonly credentials: Credentials;
  readonly tellsSentAt: boolean;
  readonly gzip: boolean;
  readonly events: readonly PlannedEvent[];
  /** The fate of the first attempts' answers; later attempts get through. */
  readonly losses: readonly Loss[];
}

/** How a batch names its user: by token (the service fills in the id), in each event, or both. */
export type Credentials = 'none' | 'token' | 'token and id' | 'id';

export interface PlannedEvent {
  readonly atMs: number;
  readonly name: string;
  readonly eventId?: string;
  readonly place?: Place;
  readonly page?: string;
  readonly spoiled?: Spoilage;
}

/** The ways in which an event is made unacceptable. */
export type Spoilage =
  'no install id' | 'short install id' | 'spaces in the name' | 'timestamp in words' | 'user id in letters';

/**
 * `abort`: the client closes the connection so many milliseconds after it has sent the request, and cannot know
 * what the service did. `discard`: the whole answer is received, then the same request is sent again.
 */
export type Loss = { readonly kind: 'abort'; readonly afterMs: number } | { readonly kind: 'discard' };

export interface PlannedHeartbeat {
  readonly dueMs: number;
  readonly userId: string;
  readonly losses: readonly Loss[];
}

export interface PlanContext {
  readonly seed: string;
  readonly runId: string;
  readonly durationMs: number;
  /** How many times faster than real time the devices live. */
  readonly speed: number;
  /** The probability that the answer of an attempt is lost on purpose. */
  readonly loss: number;
}

export const SESSION_START = 'app_session_start';
const SESSION_END = 'app_session_end';
const HEARTBEAT_EVERY_MS = 60_000;
const LINGER_MS = 10_000;
const BATCH_SIZE = 20;
const OFFLINE_BATCH_SIZE = 200;
const OLDEST_BACKLOG_MS = 30 * 60_000;
/** Every large clock error is far beyond the 5 minutes from which the service corrects, every small one below. */
const LARGE_CLOCK_ERRORS_HOURS = [-31, -5, -2, 2, 5, 26];
const LARGEST_SMALL_CLOCK_ERROR_MS = 120_000;

const SYSTEMS = [
  { weight: 52, os: 'Android', versions: ['12', '13', '14', '15'] },
  { weight: 28, os: 'iOS', versions: ['16.7', '17.6', '18.1'] },
  { weight: 20, os: 'HarmonyOS', versions: ['4.2', '5.0'] },
] as const;
const APP_VERSIONS = [
  { weight: 55, name: '3.8.0' },
  { weight: 25, name: '3.7.2' },
  { weight: 15, name: '3.6.5' },
  { weight: 5, name: '2.14.9' },
] as const;
const NETWORKS = [
  { weight: 55, name: 'wifi' },
  { weight: 30, name: '5g' },
  { weight: 15, name: '4g' },
] as const;
const PAGE_EVENTS = [
  { weight: 70, name: 'page_view' },
  { weight: 20, name: 'button_click' },
  { weight: 6, name: 'search' },
  { weight: 4, name: 'share' },
] as const;
const PAGES = ['home', 'discover', 'detail', 'cart', 'profile', 'settings', 'messages'] as const;
const SPOILAGES: readonly Spoilage[] = [
  'no install id',
  'short install id',
  'spaces in the name',
  'timestamp in words',
  'user id in letters',
];

interface Owned {
  readonly event: PlannedEvent;
  readonly userId: string | undefined;
}

/** The earliest and the latest event time that a plan can hold, relative to the start of the run. */
export function eventTimeBounds(durationMs: number): { earliestMs: number; latestMs: number } {
  return {
    earliestMs: -OLDEST_BACKLOG_MS - LARGEST_SMALL_CLOCK_ERROR_MS,
    latestMs: durationMs + LARGEST_SMALL_CLOCK_ERROR_MS,
  };
}

/** How the service tells the two kinds of identity apart: a user and an install never collide. */
export function identityOf(userId: string | undefined, installId: string): string {
  return userId === undefined ? `i:${installId}` : `u:${userId}`;
}

export function planDevice(context: PlanContext, index: number): DevicePlan {
  return new DevicePlanner(context, index).plan();
}

class DevicePlanner {
  private readonly random: Random;
  /** Shared by the two neighbours of a pair, so that each knows without the other whose user it has. */
  private readonly pair: Random;
  private readonly traits = new Set<Trait>();

  constructor(
    private readonly context: PlanContext,
    private readonly index: number,
  ) {
    const { seed, runId } = context;
    this.random = Random.from(seed, runId, 'device', index);
    this.pair = Random.from(seed, runId, 'pair', Math.floor(index / 2));
  }

  plan(): DevicePlan {
    const { random } = this;
    const installId = random.uuid();
    const system = random.weighted(SYSTEMS);
    const userId = this.chooseUser();
    const clockErrorMs = this.chooseClockError();
    const places = this.choosePlaces();
    const foreground = this.layOutSessions();
    const loginMs = this.chooseLogin(foreground);
    const offline = this.chooseOfflineWindow(loginMs);

    const ownerAt = (ms: number): string | undefined => (ms >= loginMs ? userId : undefined);
    const backlog = this.planBacklog(places.home, ownerAt);
    const live = foreground.flatMap((session, number) =>
      this.planSession(session, number % 2 === 0 ? places.first : places.second, loginMs).map((event) => ({
        event,
        userId: ownerAt(event.atMs),
      })),
    );
    return {
      index: this.index,
      installId,
      os: system.os,
      osVersion: random.pick(system.versions),
      appVersion: random.weighted(APP_VERSIONS).name,
      networkType: random.weighted(NETWORKS).name,
      clockErrorMs,
      foreground,
      batches: this.planBatches(backlog, live, offline),
      heartbeats: userId === undefined ? [] : this.planHeartbeats(foreground, offline, loginMs, userId),
      traits: this.traits,
    };
  }

  private chooseUser(): string | undefined {
    if (this.pair.chance(0.12)) {
      this.traits.add('shares its user with a second device');
      this.traits.add(this.random.chance(0.1) ? 'logs in midway' : 'logged in');
      return userIdFor(this.context, Math.floor(this.index / 2) * 2);
    }
    const dice = this.random.next();
    if (dice < 0.22) {
      this.traits.add('anonymous');
      return undefined;
    }
    this.traits.add(dice < 0.34 ? 'logs in midway' : 'logged in');
    return userIdFor(this.context, this.index);
  }

  private chooseClockError(): number {
    const dice = this.random.next();
    if (dice < 0.02) {
      this.traits.add('clock wrong by hours');
      return Math.round(
        this.random.pick(LARGE_CLOCK_ERRORS_HOURS) * 3_600_000 + this.random.between(-600_000, 600_000),
      );
    }
    if (dice < 0.04) {
      this.traits.add('clock off by up to 2 min');
      return Math.round(this.random.between(-LARGEST_SMALL_CLOCK_ERROR_MS, LARGEST_SMALL_CLOCK_ERROR_MS));
    }
    return 0;
  }

  /** `home` is where an offline queue was filled; `first` and `second` take turns session by session. */
  private choosePlaces(): { home?: Place; first?: Place; second?: Place } {
    const home = somewhere(this.pair);
    const own = this.traits.has('shares its user with a second device') ? home : somewhere(this.random);
    const dice = this.random.next();
    if (dice < 0.06) {
      this.traits.add('names no province');
      return {};
    }
    if (dice < 0.09) {
      this.traits.add('names no city');
      const coarse = { province: own.province };
      return { home: coarse, first: coarse, second: coarse };
    }
    if (dice < 0.13) {
      // The queue was filled at home, on the way: so every traveller is seen in at least two cities.
      this.traits.add('travels');
      this.traits.add('brings an offline queue');
      return { home: own, first: elsewhere(this.random, own), second: own };
    }
    return { home: own, first: own, second: own };
  }

  /** Short glances and longer visits, the last one cut off a little before the run ends. */
  private layOutSessions(): Interval[] {
    const { random } = this;
    const { durationMs, speed } = this.context;
    const closingMs = durationMs * random.between(0.9, 1);
    const sessions: Interval[] = [];
    let startMs = random.between(0, 0.6) * durationMs;
    while (startMs < closingMs) {
      const lengthMs = random.chance(0.35) ? random.between(5_000, 20_000) : random.logNormal(150_000, 0.8);
      const endMs = Math.min(startMs + lengthMs / speed, closingMs);
      sessions.push({ startMs, endMs });
      startMs = endMs + (3_000 + random.exponential(60_000)) / speed;
    }
    return sessions;
  }

  /** −∞ for a device that is logged in from the start, ∞ for one that never is. */
  private chooseLogin(foreground: readonly Interval[]): number {
    if (this.traits.has('anonymous')) return Infinity;
    const first = foreground[0];
    if (!this.traits.has('logs in midway') || first === undefined) return -Infinity;
    return first.startMs + (first.endMs - first.startMs) * this.random.between(0.2, 0.7);
  }

  private chooseOfflineWindow(loginMs: number): Interval | undefined {
    if (!this.random.chance(0.08)) return undefined;
    const { durationMs } = this.context;
    const startMs = this.random.between(0.1, 0.5) * durationMs;
    const endMs = startMs + this.random.between(0.15, 0.4) * durationMs;
    // Nobody logs in without a network.
    if (startMs <= loginMs && loginMs < endMs) return undefined;
    this.traits.add('goes offline');
    return { startMs, endMs };
  }

  /** Whole sessions from the minutes before the run, still waiting on the device. */
  private planBacklog(home: Place | undefined, ownerAt: (ms: number) => string | undefined): Owned[] {
    if (this.random.chance(0.08)) this.traits.add('brings an offline queue');
    if (!this.traits.has('brings an offline queue')) return [];
    const owned: Owned[] = [];
    let startMs = -this.random.between(10 * 60_000, OLDEST_BACKLOG_MS);
    for (let rest = this.random.integer(1, 3); rest > 0; rest -= 1) {
      const endMs = startMs + this.random.between(20_000, 120_000);
      for (const event of this.planVisit({ startMs, endMs }, home, 10_000)) {
        owned.push({ event, userId: ownerAt(event.atMs) });
      }
      startMs = endMs + this.random.between(10_000, 60_000);
    }
    return owned;
  }

  private planSession(session: Interval, place: Place | undefined, loginMs: number): PlannedEvent[] {
    const events = this.planVisit(session, place, 10_000 / this.context.speed);
    if (session.startMs < loginMs && loginMs < session.endMs && this.random.chance(0.6)) {
      // Many SDKs open a new session when the identity changes; the others are seen as a user next time.
      events.push(this.planEvent(loginMs, SESSION_START, place));
      events.sort((left, right) => left.atMs - right.atMs);
    }
    return events;
  }

  private planVisit(
    { startMs, endMs }: Interval,
    place: Place | undefined,
    pageEveryMs: number,
  ): PlannedEvent[] {
    const events = [this.planEvent(startMs, SESSION_START, place)];
    let atMs = startMs + this.random.exponential(pageEveryMs);
    while (atMs < endMs) {
      const name = this.random.weighted(PAGE_EVENTS).name;
      events.push({ ...this.planEvent(atMs, name, place), page: this.random.pick(PAGES) });
      atMs += this.random.exponential(pageEveryMs);
    }
    events.push(this.planEvent(endMs, SESSION_END, place));
    return events;
  }

  private planEvent(atMs: number, name: string, place: Place | undefined): PlannedEvent {
    const eventId = this.random.uuid();
    return place === undefined ? { atMs, name, eventId } : { atMs, name, eventId, place };
  }

  /**
   * Buffers as SDKs do: a batch goes off when it is full, when its first event has waited long enough, or when
   * the app goes to the background; what comes up while offline goes off in one go on return.
   */
  private planBatches(
    backlog: readonly Owned[],
    live: readonly Owned[],
    offline: Interval | undefined,
  ): PlannedBatch[] {
    const style = this.chooseStyle();
    const lingerMs = LINGER_MS / this.context.speed;
    const reachable = (ms: number): number =>
      offline !== undefined && offline.startMs <= ms && ms < offline.endMs ? offline.endMs : ms;
    const batches: PlannedBatch[] = [];
    let buffer: Owned[] = [...backlog];
    let flushMs = live[0] === undefined || backlog.length === 0 ? Infinity : reachable(live[0].event.atMs);
    const flush = (): void => {
      for (const chunk of chunksByOwner(buffer)) batches.push(this.planBatch(chunk, flushMs, style));
      buffer = [];
      flushMs = Infinity;
    };
    for (const owned of live) {
      const { atMs, name } = owned.event;
      if (flushMs <= atMs) flush();
      buffer.push(owned);
      flushMs = Math.min(flushMs, reachable(atMs + lingerMs));
      if (name === SESSION_END || buffer.length >= BATCH_SIZE) flushMs = Math.min(flushMs, reachable(atMs));
      if (flushMs <= atMs) flush();
    }
    if (buffer.length > 0) flush();
    return batches;
  }

  private chooseStyle(): { credentials: Credentials; tellsSentAt: boolean; gzip: boolean } {
    const credentials = this.random.pick(['token', 'token', 'token and id', 'id'] as const);
    const gzip = this.random.chance(0.25);
    if (gzip) this.traits.add('compresses its batches');
    // Without `sentAt` nobody could know that the clock is wrong.
    return {
      credentials,
      gzip,
      tellsSentAt: this.random.chance(0.8) || this.traits.has('clock wrong by hours'),
    };
  }

  private planBatch(
    chunk: readonly Owned[],
    dueMs: number,
    style: { credentials: Credentials; tellsSentAt: boolean; gzip: boolean },
  ): PlannedBatch {
    const events = chunk.map(({ event }) => event);
    if (this.random.chance(0.015))
      events.splice(this.random.integer(0, events.length), 0, this.planBadEvent(events));
    const base = {
      dueMs,
      events,
      tellsSentAt: style.tellsSentAt,
      gzip: style.gzip,
      losses: this.planLosses(),
    };
    const userId = chunk[0]?.userId;
    return userId === undefined
      ? { ...base, credentials: 'none' }
      : { ...base, credentials: style.credentials, userId };
  }

  private planBadEvent(neighbours: readonly PlannedEvent[]): PlannedEvent {
    const { atMs, place } = this.random.pick(neighbours);
    const { eventId, ...anonymous } = this.planEvent(atMs, SESSION_START, place);
    const spoiled = this.random.pick(SPOILAGES);
    return this.random.chance(0.5) || eventId === undefined
      ? { ...anonymous, spoiled }
      : { ...anonymous, eventId, spoiled };
  }

  private planLosses(): Loss[] {
    const losses: Loss[] = [];
    while (losses.length < 3 && this.random.chance(this.context.loss)) {
      // Answers of a service nearby take a few milliseconds: so some aborts come before and some after it.
      losses.push(
        this.random.chance(0.6)
          ? { kind: 'abort', afterMs: Math.round(this.random.exponential(8)) }
          : { kind: 'discard' },
      );
    }
    return losses;
  }

  private planHeartbeats(
    foreground: readonly Interval[],
    offline: Interval | undefined,
    loginMs: number,
    userId: string,
  ): PlannedHeartbeat[] {
    const everyMs = HEARTBEAT_EVERY_MS / this.context.speed;
    const heartbeats: PlannedHeartbeat[] = [];
    for (const { startMs, endMs } of foreground) {
      for (let dueMs = Math.max(startMs, loginMs); dueMs < endMs; dueMs += everyMs) {
        const isOffline = offline !== undefined && offline.startMs <= dueMs && dueMs < offline.endMs;
        // A heartbeat says "now": one that could not be sent is not made up for later.
        if (!isOffline) heartbeats.push({ dueMs, userId, losses: this.planLosses() });
      }
    }
    return heartbeats;
  }
}

/** Consecutive events of one owner, at most `OFFLINE_BATCH_SIZE` at a time. */
function chunksByOwner(buffer: readonly Owned[]): Owned[][] {
  const chunks: Owned[][] = [];
  for (const owned of buffer) {
    const chunk = chunks.at(-1);
    if (chunk === undefined || chunk.length >= OFFLINE_BATCH_SIZE || chunk[0]?.userId !== owned.userId) {
      chunks.push([owned]);
    } else chunk.push(owned);
  }
  return chunks;
}

/** A decimal below 2^62, of its own for each run: many lie beyond what a double can hold, as real ids do. */
function userIdFor({ seed, runId }: PlanContext, index: number): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, runId, 'users']))
    .digest();
  return String((digest.readBigUInt64LE(0) >> 22n) * 1_048_576n + BigInt(index) + 1n);
}
