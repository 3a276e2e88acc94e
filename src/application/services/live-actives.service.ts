import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type IClock } from '../ports/clock.port.js';
import {
  DAILY_ACTIVES_REPOSITORY,
  type IDailyActivesRepository,
} from '../../domain/repositories/daily-actives.repository.interface.js';
import type { ActiveCount } from '../../domain/value-objects/active-count.vo.js';
import { isServiceException } from '../../shared/exceptions/service-exception.js';
import type { DateKey } from '../../shared/utils/timezone.util.js';

/** Counts below this cost are never reused, so that a dashboard sees the events it just sent. */
const CHEAP_MS = 50;
/** Limits an expensive count to a tenth of one connection's time, however many clients ask. */
const REUSE_PER_COST = 9;
/** Pause after a count that exceeded the time limit of a request. */
const REST_MS = 60_000;
/** Provisional days: today, yesterday until it is final, and one spare at midnight. */
const MAX_DAYS = 3;

/** A count, and the instant from before it: it holds at least the events that were stored by then. */
export type LiveCount = ActiveCount & { readonly countedAt: Date };

interface DayState {
  /** The count in flight, and the one that starts after it for callers that arrive meanwhile. */
  running: Promise<LiveCount> | null;
  next: Promise<LiveCount> | null;
  last: { readonly result: LiveCount; readonly reuseUntilMs: number } | null;
  restUntilMs: number;
}

/**
 * Counts the actives of provisional days exactly. One count of a day runs at a time, one more waits, and
 * expensive ones are reused (docs/adr/0005).
 */
@Injectable()
export class LiveActives {
  private readonly days = new Map<DateKey, DayState>();

  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(DAILY_ACTIVES_REPOSITORY) private readonly actives: IDailyActivesRepository,
  ) {}

  /**
   * @returns a count that began after the call, or a reused one at most nine times its cost old;
   *   null when counting exceeds the time limit of a request
   */
  async count(day: DateKey): Promise<LiveCount | null> {
    const state = this.stateOf(day);
    const nowMs = this.clock.elapsedMs();
    if (nowMs < state.restUntilMs) return null;
    if (state.last !== null && nowMs < state.last.reuseUntilMs) return state.last.result;
    try {
      return await this.countShared(day, state);
    } catch (error) {
      if (!isServiceException(error) || error.code !== 'database_too_slow') throw error;
      state.restUntilMs = this.clock.elapsedMs() + REST_MS;
      return null;
    }
  }

  /** Waits for the next count: the one in flight may miss events sent just before this call. */
  private countShared(day: DateKey, state: DayState): Promise<LiveCount> {
    if (state.running === null) return this.start(day, state);
    state.next ??= state.running
      .catch(() => undefined)
      .then(() => {
        state.next = null;
        return this.start(day, state);
      });
    return state.next;
  }

  private start(day: DateKey, state: DayState): Promise<LiveCount> {
    const running = this.countNow(day, state).finally(() => {
      if (state.running === running) state.running = null;
    });
    state.running = running;
    return running;
  }

  private async countNow(day: DateKey, state: DayState): Promise<LiveCount> {
    const startMs = this.clock.elapsedMs();
    const countedAt = this.clock.now();
    const result = { ...(await this.actives.countNow(day)), countedAt };
    const endMs = this.clock.elapsedMs();
    const costMs = endMs - startMs;
    state.last = costMs < CHEAP_MS ? null : { result, reuseUntilMs: endMs + REUSE_PER_COST * costMs };
    return result;
  }

  private stateOf(day: DateKey): DayState {
    let state = this.days.get(day);
    if (state === undefined) {
      state = { running: null, next: null, last: null, restUntilMs: 0 };
      this.days.set(day, state);
      const [oldest] = this.days.keys();
      if (this.days.size > MAX_DAYS && oldest !== undefined) this.days.delete(oldest);
    }
    return state;
  }
}
