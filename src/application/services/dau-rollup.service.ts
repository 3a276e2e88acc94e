import { Inject, Injectable, Logger } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import {
  DAILY_ACTIVES_REPOSITORY,
  type IDailyActivesRepository,
} from '../../domain/repositories/daily-actives.repository.interface.js';
import {
  ACTIVE_BITS_REPOSITORY,
  type IActiveBitsRepository,
} from '../../domain/repositories/active-bits.repository.interface.js';
import { CLOCK, type IClock } from '../ports/clock.port.js';
import { JOB_LOCK, type IJobLock } from '../ports/job-lock.port.js';
import { finalFrom } from '../../shared/rules/final-hour.rule.js';
import { addDaysToKey, formatToDateKey, type DateKey } from '../../shared/utils/timezone.util.js';
import { BuildActivesCommand } from '../commands/build-actives/build-actives.command.js';
import { UniteWeeksCommand } from '../commands/unite-weeks/unite-weeks.command.js';
import {
  CalculateDauCommand,
  type CalculateDauResult,
} from '../commands/calculate-dau/calculate-dau.command.js';
import { Attempts } from './attempts.js';

/** Bounds one run: a year of downtime is caught up in a dozen hourly runs. */
const MAX_PAST_DAYS_A_RUN = 31;
/** A week takes about as long as the build of one of its days. */
const MAX_WEEKS_A_RUN = 13;
const HOUR_MS = 60 * 60 * 1000;
/** When a run begins nothing more: its last step ends before the next run, and before the job's lock does. */
const MAX_RUN_MS = 40 * 60 * 1000;

/** Decides which days the scheduled rollups calculate. */
@Injectable()
export class DauRollupService {
  private readonly logger = new Logger(DauRollupService.name);
  /**
   * Past days that may stay due: their last calculation failed, or kept figures whose active set was dropped. They come
   * last, so that they do not use up the bound of a run.
   */
  private readonly postponed = new Set<DateKey>();

  constructor(
    private readonly commandBus: CommandBus,
    @Inject(DAILY_ACTIVES_REPOSITORY) private readonly actives: IDailyActivesRepository,
    @Inject(ACTIVE_BITS_REPOSITORY) private readonly bits: IActiveBitsRepository,
    @Inject(JOB_LOCK) private readonly lock: IJobLock,
    @Inject(CLOCK) private readonly clock: IClock,
  ) {}

  /**
   * Calculates today, yesterday until it is final, and every past day that gained events or is not final although it
   * should be.
   */
  async calculateDue(now: Date): Promise<void> {
    await this.lock.runExclusively('dau-rollup', async () => {
      const untilMs = this.clock.elapsedMs() + MAX_RUN_MS;
      const isOver = () => this.clock.elapsedMs() >= untilMs;
      const today = formatToDateKey(now);
      const due = await this.select((limit) => this.actives.findDueDays(today, now, limit));
      const attempts = new Attempts(isOver);
      const provisional = provisionalDays(today, now);
      for (const day of provisional) {
        const unlessCalculatedSince = due.includes(day) ? undefined : startOfHour(now);
        await attempts.run(() => this.calculate(day, unlessCalculatedSince));
      }
      for (const day of due.filter((each) => !provisional.includes(each)))
        await attempts.run(() => this.attempt(day, () => this.calculate(day)));
      await attempts.run(() => this.buildMissing(today, isOver));
      await attempts.run(() => this.uniteWeeks(untilMs));
      if (isOver())
        this.logger.warn('The rollup ends after 40 minutes; what is left follows within the hour');
      else if (due.length === MAX_PAST_DAYS_A_RUN) {
        this.logger.log(`${due.length} past days calculated; more may be due and follow within the hour`);
      }
      attempts.end();
    });
  }

  /** Calculates yesterday, which becomes final. */
  async calculateYesterday(now: Date): Promise<void> {
    const yesterday = addDaysToKey(formatToDateKey(now), -1);
    await this.lock.runExclusively('dau-yesterday', async () => {
      await this.calculate(yesterday, finalFrom(yesterday));
    });
  }

  /** Returns the days of one run, those that were postponed behind the others. */
  private async select(find: (limit: number) => Promise<DateKey[]>): Promise<DateKey[]> {
    const days = await find(MAX_PAST_DAYS_A_RUN + this.postponed.size);
    const postponed = days.filter((day) => this.postponed.has(day));
    return [...days.filter((day) => !this.postponed.has(day)), ...postponed].slice(0, MAX_PAST_DAYS_A_RUN);
  }

  /** Postpones the day first: one by which the database runs out of memory ends each run that reaches it. */
  private async attempt(day: DateKey, work: () => Promise<object>): Promise<void> {
    this.postponed.add(day);
    if (!('kept' in (await work()))) this.postponed.delete(day);
  }

  /** Builds the bits of days that were counted before there were any; `npm run actives:build` does it at once. */
  private async buildMissing(today: DateKey, isOver: () => boolean): Promise<void> {
    const days = await this.select((limit) => this.bits.findUnbuiltDays(today, limit));
    const attempts = new Attempts(isOver);
    const built: DateKey[] = [];
    for (const day of days)
      await attempts.run(async () => {
        await this.attempt(day, () => this.commandBus.execute(new BuildActivesCommand(day)));
        built.push(day);
      });
    attempts.end();
    if (built.length > 0)
      this.logger.log(`Bits of ${built.length} past days built, to ${built.at(-1) ?? ''}`);
  }

  /** Unites past weeks whose days were built; until then spans are counted day by day. */
  private async uniteWeeks(untilMs: number): Promise<void> {
    const command = new UniteWeeksCommand(MAX_WEEKS_A_RUN, untilMs);
    const { weeks } = await this.commandBus.execute(command);
    if (weeks.length > 0) this.logger.log(`Days of ${weeks.length} weeks united, from ${weeks.at(-1) ?? ''}`);
  }

  private async calculate(day: DateKey, unlessCalculatedSince?: Date): Promise<CalculateDauResult> {
    const result = await this.commandBus.execute(new CalculateDauCommand(day, unlessCalculatedSince));
    const { dauCount, version, calculated } = result;
    if (calculated && version > 0) this.logger.log(`DAU of ${day}: ${dauCount} (version ${version})`);
    return result;
  }
}

/** Returns the days that are counted every hour, whether they gained events or not. */
function provisionalDays(today: DateKey, now: Date): DateKey[] {
  const yesterday = addDaysToKey(today, -1);
  return now < finalFrom(yesterday) ? [today, yesterday] : [today];
}

function startOfHour(now: Date): Date {
  return new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS);
}
