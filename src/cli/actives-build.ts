import { CommandBus } from '@nestjs/cqrs';
import {
  BuildActivesCommand,
  type BuildActivesResult,
} from '../application/commands/build-actives/build-actives.command.js';
import { UniteWeeksCommand } from '../application/commands/unite-weeks/unite-weeks.command.js';
import { ACTIVES_BUILD } from './definitions/actives-build.js';
import { buildReport } from './support/build-report.js';
import { runCommand } from './support/command.js';
import { Progress } from './support/progress.js';

/** Runs `npm run actives:build`: builds the bits of the days, both included, and unites past weeks. */
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
  const weeks = new Set<string>();
  while (!signal.aborted) {
    const [week] = (await commands.execute(new UniteWeeksCommand(1))).weeks;
    // The days of a week may be built again at any time.
    if (week === undefined || weeks.has(week)) break;
    weeks.add(week);
    progress.show(`${weeks.size} weeks united · ${week}`);
  }
  progress.clear();
  console.log(
    json
      ? JSON.stringify({ days: results, weeks: [...weeks], interrupted: signal.aborted })
      : buildReport(results, days, weeks.size),
  );
  return signal.aborted ? 130 : 0;
});
