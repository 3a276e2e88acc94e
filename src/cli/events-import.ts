import { CommandBus } from '@nestjs/cqrs';
import { ImportEventsCommand } from '../application/commands/import-events/import-events.command.js';
import { EVENTS_IMPORT } from './definitions/events-import.js';
import { withApplication } from './support/command.js';
import { EventFile } from './support/event-file.js';
import { importProgress, importResult, importSummary, rejectionLines } from './support/import-report.js';
import { Progress } from './support/progress.js';
import { RejectedFile } from './support/rejected-file.js';
import { runScript } from './support/script.js';

/**
 * Runs `npm run events:import`: stores past events. Starting it again resumes an interrupted import.
 * Ends with exit code 1 when lines were rejected.
 */
await runScript(EVENTS_IMPORT, async ({ path, rejectedPath, json }, signal) => {
  const file = await EventFile.find(path);
  const rejectedFile = rejectedPath === null ? null : RejectedFile.create(rejectedPath, path);
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
            rejectedFile?.write(rejected);
            const lines = rejectionLines(rejected, ++rejections);
            if (lines.length > 0) progress.clear();
            for (const line of lines) console.error(line);
          },
        }),
      )
      .finally(() => {
        progress.clear();
        rejectedFile?.close();
      });
    const run = { isInterrupted: signal.aborted, seconds: elapsedSeconds(), rejectedPath };
    console.log(json ? JSON.stringify(importResult(totals, run)) : importSummary(totals, run));
    if (signal.aborted) return 130;
    return totals.rejected === 0 ? 0 : 1;
  }, signal);
});
