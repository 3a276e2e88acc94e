import { QueryBus } from '@nestjs/cqrs';
import { CLOCK, type IClock } from '../application/ports/clock.port.js';
import { AuditDauQuery, type DauAudit } from '../application/queries/audit-dau/audit-dau.query.js';
import { addDaysToKey, formatToDateKey, listDays } from '../shared/utils/timezone.util.js';
import { runCommand } from './support/command.js';
import { toDay } from './support/days.js';
import { Progress } from './support/progress.js';

const COLUMNS = ['day', 'log', 'active set', 'stored', 'live'];

/**
 * Runs `npm run dau:audit -- [DAY …]`: compares log, active set, stored stats and live DAU of each day, by default of
 * the last eight. Ends with exit code 1 when they drift apart.
 */
await runCommand(async ({ app, signal }) => {
  const today = formatToDateKey(app.get<IClock>(CLOCK, { strict: false }).now());
  const requested = process.argv.slice(2).map(toDay);
  const days = requested.length > 0 ? requested : listDays(addDaysToKey(today, -7), today);
  const queries = app.get(QueryBus);
  const progress = new Progress();
  console.log(toRow(COLUMNS));
  let drifting = 0;
  for (const [index, day] of days.entries()) {
    if (signal.aborted) return 130;
    progress.show(`Auditing ${day} (${index + 1}/${days.length})`);
    const audit = await queries.execute(new AuditDauQuery(day));
    progress.clear();
    printAudit(audit);
    if (audit.drift.length > 0) drifting++;
  }
  console.log(
    drifting === 0 ? `No drift in ${days.length} days.` : `Drift in ${drifting} of ${days.length} days.`,
  );
  return drifting === 0 ? 0 : 1;
});

function printAudit({ day, log, activeSet, stored, realtime, drift }: DauAudit): void {
  console.log(toRow([day, log, activeSet, stored ?? '–', realtime ?? '–']));
  for (const difference of drift) console.log(`  drift: ${difference}`);
}

function toRow(cells: readonly (string | number)[]): string {
  return cells.map((cell) => String(cell).padEnd(12)).join('');
}
