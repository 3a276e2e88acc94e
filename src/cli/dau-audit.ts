import { QueryBus } from '@nestjs/cqrs';
import { AuditActivesQuery } from '../application/queries/audit-actives/audit-actives.query.js';
import {
  AuditFirstDaysQuery,
  type FirstDaysAudit,
} from '../application/queries/audit-first-days/audit-first-days.query.js';
import { AuditNewUsersQuery } from '../application/queries/audit-new-users/audit-new-users.query.js';
import { AuditWeeksQuery } from '../application/queries/audit-weeks/audit-weeks.query.js';
import { daysByDriftKind } from '../application/queries/drift.js';
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
  let uncompared: Pick<FirstDaysAudit, 'withoutLog' | 'unsettled'> = { withoutLog: [], unsettled: [] };
  const [first, last] = [audits.at(0), audits.at(-1)];
  if (first !== undefined && last !== undefined && !signal.aborted) {
    const query = new AuditNewUsersQuery(first.day, last.day, (done, of) =>
      progress.show(`Auditing new users (${done}/${of})`),
    );
    const newUsers = await queries.execute(query);
    progress.show('Auditing new users by the log');
    const { days: firstDays, ...rest } = await queries.execute(
      new AuditFirstDaysQuery(first.day, last.day, (done, of) =>
        progress.show(`Auditing new users by the log (${done}/${of})`),
      ),
    );
    uncompared = rest;
    progress.show('Auditing weeks');
    // A week is reported at its first day that is audited.
    const weeks = (await queries.execute(new AuditWeeksQuery(first.day, last.day))).map(
      ({ week, drift }) => ({
        day: audits.find(({ day }) => day >= week)?.day,
        drift,
      }),
    );
    for (const [index, audit] of audits.entries()) {
      const found = [...newUsers, ...firstDays, ...weeks].filter(({ day }) => day === audit.day);
      audits[index] = { ...audit, drift: [...audit.drift, ...found.flatMap(({ drift }) => drift)] };
    }
  }
  progress.clear();
  const drifting = audits.filter(({ drift }) => drift.length > 0).length;
  const kinds = Object.fromEntries(daysByDriftKind(audits));
  console.log(
    json
      ? JSON.stringify({
          days: audits,
          drifting,
          kinds,
          newUsersUncompared: uncompared,
          interrupted: signal.aborted,
        })
      : auditReport(audits, days.length, uncompared),
  );
  if (signal.aborted) return 130;
  return drifting === 0 ? 0 : 1;
});
