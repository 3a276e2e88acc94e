import { Command } from '@nestjs/cqrs';

export interface CalculateDauResult {
  readonly day: string;
  readonly dauCount: number;
  /** 0 for a day without actives, which has no stats. */
  readonly version: number;
  /** False when the stats were fresh enough already. */
  readonly calculated: boolean;
  /** True when the stored figures stay because retention dropped what they were counted from. */
  readonly kept?: true;
}

export class CalculateDauCommand extends Command<CalculateDauResult> {
  /**
   * @param day `YYYY-MM-DD`, Asia/Shanghai
   * @param unlessCalculatedSince skips the work when the stored stats are at least this fresh
   */
  constructor(
    readonly day: string,
    readonly unlessCalculatedSince?: Date,
  ) {
    super();
  }
}
