import { OutboxRepository } from '../infrastructure/outbox/outbox.repository.js';
import { withApplication } from './support/command.js';
import { outboxReport, readOutboxArguments, summarizeOutbox } from './support/outbox-report.js';
import { runScript } from './support/script.js';

/**
 * `npm run outbox:status [-- --json]`: how many messages wait to be published and for how long, when some were last
 * published, and what went wrong.
 */
await runScript(async (signal) => {
  const { json } = readOutboxArguments(process.argv.slice(2));
  return withApplication(async ({ app, config }) => {
    const lanes = await app.get(OutboxRepository, { strict: false }).status(null);
    const status = summarizeOutbox(lanes, config.kafka !== null || config.database.isEmbedded);
    console.log(json ? JSON.stringify(status) : outboxReport(status, new Date()));
    return 0;
  }, signal);
});
