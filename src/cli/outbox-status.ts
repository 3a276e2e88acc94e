import { QueryBus } from '@nestjs/cqrs';
import { CLOCK, type IClock } from '../application/ports/clock.port.js';
import { GetOutboxStatusQuery } from '../application/queries/get-outbox-status/get-outbox-status.query.js';
import { withApplication } from './support/command.js';
import { outboxReport, readOutboxArguments } from './support/outbox-report.js';
import { runScript } from './support/script.js';

/** Runs `npm run outbox:status [-- --json]`: reports how many messages wait in the outbox, for how long, and why. */
await runScript(async (signal) => {
  const { json } = readOutboxArguments(process.argv.slice(2));
  return withApplication(async ({ app }) => {
    const status = await app.get(QueryBus).execute(new GetOutboxStatusQuery());
    const now = app.get<IClock>(CLOCK, { strict: false }).now();
    console.log(json ? JSON.stringify(status) : outboxReport(status, now));
    return 0;
  }, signal);
});
