import { CommandBus } from '@nestjs/cqrs';
import { CalculateDauCommand } from '../application/commands/calculate-dau/calculate-dau.command.js';
import { runCommand } from './support/command.js';
import { toDays } from './support/days.js';
import { Progress } from './support/progress.js';
import { UsageError } from './support/usage-error.js';

/** Runs `npm run dau:calculate -- 2025-01-15 [2025-01-20]`: recalculates the days, both included. */
await runCommand(async ({ app, signal }) => {
  const [first, last = first, ...more] = process.argv.slice(2);
  if (first === undefined || last === undefined || more.length > 0) {
    throw new UsageError(
      'Usage: npm run dau:calculate -- FIRST-DAY [LAST-DAY], days as YYYY-MM-DD, both included',
    );
  }
  const days = toDays(first, last);
  const commands = app.get(CommandBus);
  const progress = new Progress();
  let stored = 0;
  for (const [index, day] of days.entries()) {
    if (signal.aborted) {
      progress.clear();
      console.log(`Interrupted before ${day}; the days before it are stored.`);
      return 130;
    }
    const { dauCount, version } = await commands.execute(new CalculateDauCommand(day));
    if (version > 0) stored++;
    progress.show(`${index + 1}/${days.length} days · ${day}: ${dauCount}`);
    if (days.length <= 40) {
      progress.clear();
      console.log(`${day}  ${dauCount}${version > 0 ? `  (version ${version})` : '  nobody was active'}`);
    }
  }
  progress.clear();
  console.log(`Calculated ${days.length} days, ${stored} of them with actives.`);
  return 0;
});
