import { QueryBus } from '@nestjs/cqrs';
import { AuditDauQuery } from '../application/queries/audit-dau/audit-dau.query.js';
import { addDaysToKey, formatToDateKey, listDays } from '../shared/utils/timezone.util.js';
import { runCommand } from './support/command.js';
import { toDay } from './support/days.js';
import { Progress } from './support/progress.js';

/**
 * `npm run dau:audit -- [DAY …]`: compares what log, active set, stored stats and live DAU say of each day; without
 * days, of the last eight. Exit code 1 when any of them drift apart.
 */
await runCommand(async ({ app, signal }) => {
  const today = formatToDateKey(new Date());
  const asked = process.argv.slice(2).map(toDay);
  const days = asked.length > 0 ? asked : listDays(addDaysToKey(today, -7), today);
  const queries = app.get(QueryBus);
  const progress = new Progress();
  const columns = ['day', 'log', 'active set', 'stored', 'live'];
  console.log(columns.map((column) => column.padEnd(12)).join(''));
  let drifting = 0;
  for (const [index, day] of days.entries()) {
    if (signal.aborted) return 130;
    progress.show(`Auditing ${day} (${index + 1}/${days.length})`);
    const audit = await queries.execute(new AuditDauQuery(day));
    progress.done();
    const figures = [day, audit.log, audit.activeSet, audit.stored ?? '–', audit.realtime ?? '–'];
    console.log(figures.map((figure) => String(figure).padEnd(12)).join(''));
    for (const difference of audit.drift) console.log(`  drift: ${difference}`);
    if (audit.drift.length > 0) drifting++;
  }
  console.log(
    drifting === 0 ? `No drift in ${days.length} days.` : `Drift in ${drifting} of ${days.length} days.`,
  );
  return drifting === 0 ? 0 : 1;
});
