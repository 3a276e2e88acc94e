import { Command } from '@nestjs/cqrs';

export interface UniteWeeksResult {
  /** Mondays of the weeks that were united, in the order of the work. */
  readonly weeks: readonly string[];
}

/** Unites the days of past weeks that were built since they were united last, the newest weeks first. */
export class UniteWeeksCommand extends Command<UniteWeeksResult> {
  /**
   * @param limit most weeks to unite
   * @param untilMs when no further week is begun, by the clock's `elapsedMs`
   */
  constructor(
    readonly limit: number,
    readonly untilMs = Infinity,
  ) {
    super();
  }
}
