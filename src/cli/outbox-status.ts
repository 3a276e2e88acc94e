import { QueryBus } from '@nestjs/cqrs';
import { CLOCK, type IClock } from '../application/ports/clock.port.js';
import { GetOutboxStatusQuery } from '../application/queries/get-outbox-status/get-outbox-status.query.js';
import { OUTBOX_STATUS } from './definitions/outbox-status.js';
import { runCommand } from './support/command.js';
import { outboxReport } from './support/outbox-report.js';

/** Runs `npm run outbox:status`: reports how many messages wait in the outbox, for how long, and why. */
await runCommand(OUTBOX_STATUS, async ({ json }, { app }) => {
  const status = await app.get(QueryBus).execute(new GetOutboxStatusQuery());
  const now = app.get<IClock>(CLOCK, { strict: false }).now();
  console.log(json ? JSON.stringify(status) : outboxReport(status, now));
  return 0;
});
