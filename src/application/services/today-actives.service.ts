import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type IClock } from '../../domain/repositories/clock.interface.js';
import {
  DAILY_ACTIVES_REPOSITORY,
  type ActiveCount,
  type IDailyActivesRepository,
} from '../../domain/repositories/daily-actives.repository.interface.js';
import { DomainException } from '../../shared/exceptions/domain.exception.js';
import type { DateKey } from '../../shared/utils/timezone.util.js';

/** A count may take at most a tenth of one connection's time, however many ask. */
const REUSE_PER_COST = 9;
/** After a count that took longer than a request may, nobody tries again for this long. */
const REST_MS = 60_000;

/**
 * Today's exact actives for dashboards that poll. A count costs by actives: milliseconds for thousands, most of a
 * second for millions. So requests share a running count, and its result is reused for nine times as long as it took.
 */
@Injectable()
export class TodayActives {
  private running: { readonly day: DateKey; readonly result: Promise<ActiveCount> } | null = null;
  private restUntilMs = 0;
  private last: {
    readonly day: DateKey;
    readonly result: ActiveCount;
    readonly reuseUntilMs: number;
  } | null = null;

  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(DAILY_ACTIVES_REPOSITORY) private readonly actives: IDailyActivesRepository,
  ) {}

  /** @returns null when counting takes longer than a request may wait: the last stored figures must do */
  async count(day: DateKey): Promise<ActiveCount | null> {
    if (this.clock.now().getTime() < this.restUntilMs) return null;
    try {
      return await this.countShared(day);
    } catch (error) {
      if (!(error instanceof DomainException) || error.code !== 'database_too_slow') throw error;
      this.restUntilMs = this.clock.now().getTime() + REST_MS;
      return null;
    }
  }

  private async countShared(day: DateKey): Promise<ActiveCount> {
    const now = this.clock.now().getTime();
    if (this.last?.day === day && now < this.last.reuseUntilMs) return this.last.result;
    if (this.running?.day === day) return this.running.result;
    const result = this.countNow(day).finally(() => {
      // At midnight the next day's count may have begun meanwhile.
      if (this.running?.result === result) this.running = null;
    });
    this.running = { day, result };
    return result;
  }

  private async countNow(day: DateKey): Promise<ActiveCount> {
    const startMs = this.clock.now().getTime();
    const result = await this.actives.countNow(day);
    const endMs = this.clock.now().getTime();
    this.last = { day, result, reuseUntilMs: endMs + REUSE_PER_COST * (endMs - startMs) };
    return result;
  }
}
