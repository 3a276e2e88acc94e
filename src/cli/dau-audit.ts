import { QueryBus } from '@nestjs/cqrs';
import { AuditDauQuery, type DauAudit } from '../application/queries/audit-dau/audit-dau.query.js';
import { DAU_AUDIT } from './definitions/dau-audit.js';
import { auditReport } from './support/audit-report.js';
import { runCommand } from './support/command.js';
import { Progress } from './support/progress.js';

/** Runs `npm run dau:audit`: compares the sources of each day. Ends with exit code 1 when they drift apart. */
await runCommand(DAU_AUDIT, async ({ days, json }, { app, signal }) => {
  const queries = app.get(QueryBus);
  const progress = new Progress();
  const audits: DauAudit[] = [];
  for (const [index, day] of days.entries()) {
    if (signal.aborted) break;
    progress.show(`Auditing ${day} (${index + 1}/${days.length})`);
    audits.push(await queries.execute(new AuditDauQuery(day)));
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
