import { Accounts, type AccountSwitch } from './accounts.js';
import { BatchPlanner } from './batch-planner.js';
import { chooseClockError, LARGEST_SMALL_ERROR_MS } from './clock-error.js';
import type { DevicePlan, PlanContext, PlannedHeartbeat, QueuedEvent, Trait } from './device-plan.js';
import { userIdFor } from './identity.js';
import { contains, type Interval } from './interval.js';
import { elsewhere, somewhere, type Place } from './places.js';
import { Random } from './random.js';
import { planLosses } from './response-loss.js';
import { OLDEST_BACKLOG_MS, SessionPlanner } from './session-planner.js';

/** The earliest time that a plan's event can carry, relative to the start of the run. */
export const EARLIEST_EVENT_TIME_MS = -OLDEST_BACKLOG_MS - LARGEST_SMALL_ERROR_MS;

const HEARTBEAT_EVERY_MS = 60_000;
/** Added to a device's index for its second account; a crowd has fewer devices. */
const SECOND_ACCOUNTS = 500_000;
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

/** Plans one device. Equal arguments give equal plans, however the service responds during the run. */
export function planDevice(context: PlanContext, index: number): DevicePlan {
  return new DevicePlanner(context, index).plan();
}

class DevicePlanner {
  private readonly random: Random;
  /** The stream that both devices of a pair draw from, so that each can derive the shared user alone. */
  private readonly pairRandom: Random;
  private readonly traits = new Set<Trait>();
  private readonly sessions: SessionPlanner;

  constructor(
    private readonly context: PlanContext,
    private readonly index: number,
  ) {
    const { seed, runId } = context;
    this.random = Random.from(seed, runId, 'device', index);
    this.pairRandom = Random.from(seed, runId, 'pair', Math.floor(index / 2));
    this.sessions = new SessionPlanner(context, this.random);
  }

  /** Draws from the random stream in a fixed order: another order gives other plans for the same seed. */
  plan(): DevicePlan {
    const { context, random, sessions, traits } = this;
    const installId = random.uuid();
    const system = random.weighted(SYSTEMS);
    const userId = this.chooseUser();
    const clockErrorMs = chooseClockError(random, traits);
    const places = this.choosePlaces();
    const foreground = sessions.planForeground();
    const loginMs = this.chooseLogin(foreground);
    const offline = this.chooseOfflineWindow(loginMs);
    const accounts = new Accounts(userId, loginMs, this.chooseSwitch(userId, loginMs, foreground));
    if (random.chance(0.08)) traits.add('brings an offline queue');
    const backlog = traits.has('brings an offline queue') ? sessions.planBacklog(places.home) : [];
    const live = foreground.flatMap((session, number) =>
      sessions.planSession(session, number % 2 === 0 ? places.first : places.second, loginMs),
    );
    const queue = (events: typeof live): QueuedEvent[] =>
      events.map((event) => ({ event, userId: accounts.userAt(event.atMs) }));
    return {
      index: this.index,
      installId,
      os: system.os,
      osVersion: random.pick(system.versions),
      appVersion: random.weighted(APP_VERSIONS).name,
      networkType: random.weighted(NETWORKS).name,
      clockErrorMs,
      foreground,
      batches: new BatchPlanner(context, random, traits, sessions).plan(queue(backlog), queue(live), offline),
      heartbeats: this.planHeartbeats(foreground, offline, accounts),
      traits,
    };
  }

  private chooseUser(): string | undefined {
    if (this.pairRandom.chance(0.12)) {
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

  /** Chooses `home`, where an offline queue was filled, and the places of odd and even sessions. */
  private choosePlaces(): { home?: Place; first?: Place; second?: Place } {
    const home = somewhere(this.pairRandom);
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
      // The queue was filled at home, so that every traveller is seen in at least two cities.
      this.traits.add('travels');
      this.traits.add('brings an offline queue');
      return { home: own, first: elsewhere(this.random, own), second: own };
    }
    return { home: own, first: own, second: own };
  }

  /** Returns −∞ for a device that is logged in from the start, ∞ for one that never logs in. */
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
    // A login needs a network.
    if (contains({ startMs, endMs }, loginMs)) return undefined;
    this.traits.add('goes offline');
    return { startMs, endMs };
  }

  /** Chooses the session from which another account uses the device; a stream of its own leaves other plans alone. */
  private chooseSwitch(
    userId: string | undefined,
    loginMs: number,
    foreground: readonly Interval[],
  ): AccountSwitch | undefined {
    const { seed, runId } = this.context;
    const random = Random.from(seed, runId, 'account switch', this.index);
    const second = foreground.find(
      ({ startMs }) => startMs > loginMs && startMs > (foreground[0]?.startMs ?? 0),
    );
    const isShared = this.traits.has('shares its user with a second device');
    if (userId === undefined || isShared || second === undefined || !random.chance(0.08)) return undefined;
    this.traits.add('switches accounts');
    return { atMs: second.startMs, userId: userIdFor(this.context, this.index + SECOND_ACCOUNTS) };
  }

  private planHeartbeats(
    foreground: readonly Interval[],
    offline: Interval | undefined,
    accounts: Accounts,
  ): PlannedHeartbeat[] {
    const everyMs = HEARTBEAT_EVERY_MS / this.context.speed;
    const heartbeats: PlannedHeartbeat[] = [];
    for (const { startMs, endMs } of foreground) {
      for (let dueMs = Math.max(startMs, accounts.loginMs); dueMs < endMs; dueMs += everyMs) {
        // A device that was offline does not send the missed heartbeats later.
        if (offline !== undefined && contains(offline, dueMs)) continue;
        const userId = accounts.userAt(dueMs);
        if (userId === undefined) continue;
        heartbeats.push({ dueMs, userId, losses: planLosses(this.random, this.context.loss) });
      }
    }
    return heartbeats;
  }
}
