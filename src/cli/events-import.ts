import { CommandBus } from '@nestjs/cqrs';
import { ImportEventsCommand } from '../application/commands/import-events/import-events.command.js';
import { withApplication } from './support/command.js';
import { EventFile } from './support/event-file.js';
import {
  importProgress,
  importSummary,
  readImportArguments,
  rejectionLines,
} from './support/import-report.js';
import { Progress } from './support/progress.js';
import { runScript } from './support/script.js';

/**
 * Runs `npm run events:import -- FILE.jsonl[.gz]`: stores past events, one a line in the shape of a batch's events.
 * Starting it again resumes an interrupted import. Ends with exit code 1 when lines were rejected.
 */
await runScript(async (signal) => {
  const file = await EventFile.find(readImportArguments(process.argv.slice(2)));
  return withApplication(async ({ app }) => {
    const progress = new Progress();
    const startMs = performance.now();
    const elapsedSeconds = (): number => (performance.now() - startMs) / 1000;
    let rejections = 0;
    const totals = await app
      .get(CommandBus)
      .execute(
        new ImportEventsCommand(file.readLines(), {
          signal,
          onProgress: (soFar) => {
            progress.show(importProgress(soFar, file.percentRead(), elapsedSeconds()));
          },
          onRejected: (rejected) => {
            const lines = rejectionLines(rejected, ++rejections);
            if (lines.length > 0) progress.clear();
            for (const line of lines) console.error(line);
          },
        }),
      )
      .finally(() => {
        progress.clear();
      });
    console.log(importSummary(totals, signal.aborted, elapsedSeconds()));
    if (signal.aborted) return 130;
    return totals.rejected === 0 ? 0 : 1;
  }, signal);
});
