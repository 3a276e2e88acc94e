import { Inject, Injectable } from '@nestjs/common';
import {
  DAILY_ACTIVES_REPOSITORY,
  type IDailyActivesRepository,
} from '../../domain/repositories/daily-actives.repository.interface.js';
import { isFinal } from '../../shared/rules/final-hour.rule.js';
import { QUIET_DAYS } from '../../shared/rules/retention.rule.js';
import { addDaysToKey, formatToDateKey } from '../../shared/utils/timezone.util.js';
import type { KeptReason, RetentionItem } from '../commands/apply-retention/apply-retention.command.js';
import { CLOCK, type IClock } from '../ports/clock.port.js';
import {
  EVENT_RETENTION,
  RETAINED_DATA,
  type DayPartition,
  type IEventRetention,
  type RetainedData,
} from '../ports/event-retention.port.js';

/** Days before today that are kept of each kind of data; null keeps all. */
export type RetentionPolicy = Readonly<Record<RetainedData, number | null>>;

/** Provides the limits of retention. */
export const RETENTION_POLICY = Symbol('RetentionPolicy');

export interface PlannedDay extends RetentionItem {
  /** Version of the day's figures; null for a day without actives. */
  readonly figuresVersion: number | null;
  /** Why the day stays; null for one that may be dropped. */
  readonly blockedBy: KeptReason | null;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Finds the days past their limits, and what speaks against dropping each of them (docs/adr/0020). */
@Injectable()
export class RetentionPlan {
  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(EVENT_RETENTION) private readonly retention: IEventRetention,
    @Inject(DAILY_ACTIVES_REPOSITORY) private readonly actives: IDailyActivesRepository,
    @Inject(RETENTION_POLICY) private readonly policy: RetentionPolicy,
  ) {}

  /** True when neither kind of data has a limit. */
  get isOff(): boolean {
    return RETAINED_DATA.every((data) => this.policy[data] === null);
  }

  /** Returns the days past their limits, oldest first, and the events of a day before its active set. */
  async list(): Promise<PlannedDay[]> {
    const today = formatToDateKey(this.clock.now());
    const planned: PlannedDay[] = [];
    for (const data of RETAINED_DATA) {
      const days = this.policy[data];
      if (days === null) continue;
      for (const partition of await this.retention.listDays(data, addDaysToKey(today, -days))) {
        planned.push({
          data,
          day: partition.day,
          bytes: partition.bytes,
          figuresVersion: partition.figures?.version ?? null,
          blockedBy: await this.findReason(partition),
        });
      }
    }
    const order = (data: RetainedData): number => RETAINED_DATA.indexOf(data);
    return planned.sort((a, b) => (a.day === b.day ? order(a.data) - order(b.data) : a.day < b.day ? -1 : 1));
  }

  private async findReason({ day, figures, isMarked }: DayPartition): Promise<KeptReason | null> {
    if (isMarked) return 'marked';
    if (figures === null) return (await this.actives.count(day)).total > 0 ? 'not_calculated' : null;
    if (!isFinal(day, figures.calculatedAt)) return 'not_final';
    const quietMs = this.clock.now().getTime() - figures.calculatedAt.getTime();
    return quietMs < QUIET_DAYS * DAY_MS ? 'changed_lately' : null;
  }
}
