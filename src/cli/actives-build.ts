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

/** A rollup that builds the newest week again and again must not hide older ones. */
const WEEKS_AT_ONCE = 3;

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
    // The days of a week that was united may be built again meanwhile.
    const united = (await commands.execute(new UniteWeeksCommand(WEEKS_AT_ONCE))).weeks;
    const fresh = united.filter((week) => !weeks.has(week));
    if (fresh.length === 0) break;
    for (const week of fresh) weeks.add(week);
    progress.show(`${weeks.size} weeks united · ${fresh.at(-1)}`);
  }
  progress.clear();
  console.log(
    json
      ? JSON.stringify({ days: results, weeks: [...weeks], interrupted: signal.aborted })
      : buildReport(results, days, weeks.size),
  );
  return signal.aborted ? 130 : 0;
});
