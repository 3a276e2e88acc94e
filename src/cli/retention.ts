import { CommandBus } from '@nestjs/cqrs';
import {
  ApplyRetentionCommand,
  type RetentionReport,
} from '../application/commands/apply-retention/apply-retention.command.js';
import { loadConfiguration, readEnvironment } from '../config/configuration.js';
import { RETENTION } from './definitions/retention.js';
import { withApplication } from './support/command.js';
import { Progress } from './support/progress.js';
import { joinReports, retentionReport } from './support/retention-report.js';
import { runScript } from './support/script.js';
import { UsageError } from './support/usage-error.js';

/** Runs `npm run retention`: drops the days that are past their limits, in as many runs as it takes. */
await runScript(RETENTION, async ({ dryRun, json }, signal) => {
  const days = loadConfiguration(readEnvironment()).app.retention;
  if (days.events === null && days.actives === null) {
    throw new UsageError('RETENTION_DAYS_EVENTS and RETENTION_DAYS_ACTIVES are not set: every day is kept');
  }
  return withApplication(async ({ app }) => {
    const commands = app.get(CommandBus);
    const progress = new Progress();
    const onProgress: ApplyRetentionCommand['options']['onProgress'] = ({ done, of, item }) => {
      progress.show(`${done}/${of} partitions · ${item.day}: ${item.data}`);
    };
    const reports: RetentionReport[] = [];
    let last: RetentionReport;
    do {
      last = await commands.execute(new ApplyRetentionCommand({ dryRun, signal, onProgress }));
      reports.push(last);
      // A run that dropped nothing would come to the same days again.
    } while (last.ended === 'time_limit' && last.dropped.length > 0);
    progress.clear();
    const report = joinReports(reports);
    console.log(
      json ? JSON.stringify({ ...report, dryRun, days }) : retentionReport(report, { dryRun, days }),
    );
    if (report.ended === 'interrupted') return 130;
    if (report.ended === 'elsewhere') return 1;
    return report.kept.length + report.left > 0 && !dryRun ? 1 : 0;
  }, signal);
});
