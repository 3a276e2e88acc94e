import { CommandBus } from '@nestjs/cqrs';
import {
  CalculateDauCommand,
  type CalculateDauResult,
} from '../application/commands/calculate-dau/calculate-dau.command.js';
import { DAU_CALCULATE } from './definitions/dau-calculate.js';
import { calculationReport } from './support/calculation-report.js';
import { runCommand } from './support/command.js';
import { Progress } from './support/progress.js';

/** Runs `npm run dau:calculate`: recalculates the days, both included. */
await runCommand(DAU_CALCULATE, async ({ days, json }, { app, signal }) => {
  const commands = app.get(CommandBus);
  const progress = new Progress();
  const results: CalculateDauResult[] = [];
  for (const day of days) {
    if (signal.aborted) break;
    const result = await commands.execute(new CalculateDauCommand(day));
    results.push(result);
    progress.show(`${results.length}/${days.length} days · ${day}: ${result.dauCount}`);
  }
  progress.clear();
  console.log(
    json
      ? JSON.stringify({
          days: results.map(({ day, dauCount, version, kept = false }) => ({ day, dauCount, version, kept })),
          interrupted: signal.aborted,
        })
      : calculationReport(results, days),
  );
  return signal.aborted ? 130 : 0;
});
