import { Inject, Logger } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import { JOB_LOCK, type IJobLock } from '../../ports/job-lock.port.js';
import { DayDropper } from '../../services/day-dropper.service.js';
import { RetentionPlan, type PlannedDay } from '../../services/retention-plan.service.js';
import {
  retentionBytesTotal,
  retentionDaysTotal,
  retentionOverdueDays,
} from '../../../shared/metrics/retention-metrics.js';
import {
  ApplyRetentionCommand,
  type DroppedDay,
  type KeptDay,
  type KeptReason,
  type RetentionItem,
  type RetentionOptions,
  type RetentionReport,
} from './apply-retention.command.js';

/** The lock of a job is held for an hour at most; the audit of one more day may take ten minutes. */
const MAX_RUN_MS = 40 * 60 * 1000;

@CommandHandler(ApplyRetentionCommand)
export class ApplyRetentionHandler implements ICommandHandler<ApplyRetentionCommand> {
  private readonly logger = new Logger('Retention');

  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(JOB_LOCK) private readonly lock: IJobLock,
    private readonly plan: RetentionPlan,
    private readonly dropper: DayDropper,
  ) {}

  async execute({ options }: ApplyRetentionCommand): Promise<RetentionReport> {
    let report: RetentionReport = { dropped: [], kept: [], left: 0, ended: 'elsewhere' };
    if (this.plan.isOff) return { ...report, ended: 'done' };
    const run = async (): Promise<void> => {
      report = await this.run(await this.plan.list(), options);
    };
    if (options.dryRun) await run();
    else if (await this.lock.runExclusively('retention', run)) this.publish(report);
    return report;
  }

  private async run(days: readonly PlannedDay[], options: RetentionOptions): Promise<RetentionReport> {
    const [dropped, kept]: [DroppedDay[], KeptDay[]] = [[], []];
    const startMs = this.clock.elapsedMs();
    for (const [index, planned] of days.entries()) {
      const left = days.length - index;
      if (options.signal.aborted) return { dropped, kept, left, ended: 'interrupted' };
      const isLate = !options.dryRun && this.clock.elapsedMs() - startMs > MAX_RUN_MS;
      if (isLate) return { dropped, kept, left, ended: 'time_limit' };
      const { data, day, bytes, blockedBy } = planned;
      const item = { data, day, bytes };
      options.onProgress?.({ done: index, of: days.length, item });
      if (blockedBy !== null) kept.push({ ...item, reason: blockedBy });
      else {
        const result = options.dryRun ? await this.dropper.preview(planned) : await this.drop(planned);
        if (result !== null)
          if ('rows' in result) dropped.push({ ...item, rows: result.rows });
          else kept.push(toKept(item, result));
      }
    }
    return { dropped, kept, left: 0, ended: 'done' };
  }

  private async drop(planned: PlannedDay): ReturnType<DayDropper['drop']> {
    const result = await this.dropper.drop(planned);
    if (result === null || !('rows' in result)) return result;
    const { data, day, bytes } = planned;
    retentionDaysTotal.inc({ data });
    retentionBytesTotal.inc({ data }, bytes);
    this.logger.log(`Dropped the ${data} of ${day}: ${result.rows} rows, ${bytes} bytes`);
    return result;
  }

  private publish({ kept, left }: RetentionReport): void {
    const [oldest] = kept;
    retentionOverdueDays.set(kept.length + left);
    if (oldest === undefined) return;
    this.logger.warn(
      `${kept.length} days past their limit are kept, the oldest is ${oldest.day} (${oldest.data}: ${oldest.reason}); ` +
        'npm run retention -- --dry-run lists them',
    );
  }
}

function toKept(
  item: RetentionItem,
  { keptBy, drift }: { readonly keptBy: KeptReason; readonly drift?: readonly string[] },
): KeptDay {
  return { ...item, reason: keptBy, ...(drift !== undefined && { drift }) };
}
