import { CommandBus } from '@nestjs/cqrs';
import {
  BuildActivesCommand,
  type BuildActivesResult,
} from '../application/commands/build-actives/build-actives.command.js';
import { ACTIVES_BUILD } from './definitions/actives-build.js';
import { buildReport } from './support/build-report.js';
import { runCommand } from './support/command.js';
import { Progress } from './support/progress.js';

/** Runs `npm run actives:build`: builds the bits of the days, both included. Starting it again changes nothing. */
await runCommand(ACTIVES_BUILD, async ({ days, json }, { app, signal }) => {
  const commands = app.get(CommandBus);
  const progress = new Progress();
  const results: BuildActivesResult[] = [];
  for (const day of days) {
    if (signal.aborted) break;
    const result = await commands.execute(new BuildActivesCommand(day));
    results.push(result);
    progress.show(`${results.length}/${days.length} days · ${day}: ${result.activeCount}`);
  }
  progress.clear();
  console.log(
    json ? JSON.stringify({ days: results, interrupted: signal.aborted }) : buildReport(results, days),
  );
  return signal.aborted ? 130 : 0;
});
