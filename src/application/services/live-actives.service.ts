import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type IClock } from '../ports/clock.port.js';
import {
  DAILY_ACTIVES_REPOSITORY,
  type IDailyActivesRepository,
} from '../../domain/repositories/daily-actives.repository.interface.js';
import type { ActiveCount } from '../../domain/value-objects/active-count.vo.js';
import { isServiceException } from '../../shared/exceptions/service-exception.js';
import type { DateKey } from '../../shared/utils/timezone.util.js';

/** Cheaper counts are made anew for every request, so that a dashboard sees what it has just sent. */
const CHEAP_MS = 50;
/** A dearer one may take at most a tenth of one connection's time, however many ask. */
const REUSE_PER_COST = 9;
/** After a count that took longer than a request may, nobody tries again for this long. */
const REST_MS = 60_000;
/** Today, and yesterday until it is final. */
const MAX_DAYS = 3;

interface DayState {
  /** The count under way, and the one that starts when it ends, for whoever asks meanwhile. */
  running: Promise<ActiveCount> | null;
  next: Promise<ActiveCount> | null;
  last: { readonly result: ActiveCount; readonly reuseUntilMs: number } | null;
  restUntilMs: number;
}

/**
 * Exact actives, as of now, of days that are not final yet. A count costs by actives: milliseconds for thousands, most
 * of a second for millions. At most one count of a day runs at a time, one more waits, and dear ones are reused.
 */
@Injectable()
export class LiveActives {
  private readonly days = new Map<DateKey, DayState>();

  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(DAILY_ACTIVES_REPOSITORY) private readonly actives: IDailyActivesRepository,
  ) {}

  /**
   * @returns as of a moment after the call, or, for a day that is dear to count, up to nine times its cost before; null
   *   when counting takes longer than a request may wait: the last stored figures must do
   */
  async count(day: DateKey): Promise<ActiveCount | null> {
    const state = this.stateOf(day);
    const nowMs = this.clock.now().getTime();
    if (nowMs < state.restUntilMs) return null;
    if (state.last !== null && nowMs < state.last.reuseUntilMs) return state.last.result;
    try {
      return await this.countShared(day, state);
    } catch (error) {
      if (!isServiceException(error) || error.code !== 'database_too_slow') throw error;
      state.restUntilMs = this.clock.now().getTime() + REST_MS;
      return null;
    }
  }

  /** A count that began before the call may miss what was sent just before it: the one after it does not. */
  private countShared(day: DateKey, state: DayState): Promise<ActiveCount> {
    if (state.running === null) return this.start(day, state);
    state.next ??= state.running
      .catch(() => undefined)
      .then(() => {
        state.next = null;
        return this.start(day, state);
      });
    return state.next;
  }

  private start(day: DateKey, state: DayState): Promise<ActiveCount> {
    const running = this.countNow(day, state).finally(() => {
      if (state.running === running) state.running = null;
    });
    state.running = running;
    return running;
  }

  private async countNow(day: DateKey, state: DayState): Promise<ActiveCount> {
    const startMs = this.clock.now().getTime();
    const result = await this.actives.countNow(day);
    const endMs = this.clock.now().getTime();
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
