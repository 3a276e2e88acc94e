import { QueryBus } from '@nestjs/cqrs';
import { AuditActivesQuery } from '../application/queries/audit-actives/audit-actives.query.js';
import { AuditDauQuery } from '../application/queries/audit-dau/audit-dau.query.js';
import { DAU_AUDIT } from './definitions/dau-audit.js';
import { auditReport, type DayAudit } from './support/audit-report.js';
import { runCommand } from './support/command.js';
import { Progress } from './support/progress.js';

/** Runs `npm run dau:audit`: compares the sources of each day. Ends with exit code 1 when they drift apart. */
await runCommand(DAU_AUDIT, async ({ days, json }, { app, signal }) => {
  const queries = app.get(QueryBus);
  const progress = new Progress();
  const audits: DayAudit[] = [];
  for (const [index, day] of days.entries()) {
    if (signal.aborted) break;
    progress.show(`Auditing ${day} (${index + 1}/${days.length})`);
    const dau = await queries.execute(new AuditDauQuery(day));
    const { bits, drift } = await queries.execute(new AuditActivesQuery(day));
    audits.push({ ...dau, bits, drift: [...dau.drift, ...drift] });
  }
  progress.clear();
  const drifting = audits.filter(({ drift }) => drift.length > 0).length;
  console.log(
    json
      ? JSON.stringify({ days: audits, drifting, interrupted: signal.aborted })
      : auditReport(audits, days.length),
  );
  if (signal.aborted) return 130;
  return drifting === 0 ? 0 : 1;
});
