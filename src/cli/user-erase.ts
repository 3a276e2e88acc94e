import { CommandBus } from '@nestjs/cqrs';
import {
  EraseIdentityCommand,
  type EraseIdentityResult,
} from '../application/commands/erase-identity/erase-identity.command.js';
import { USER_ERASE } from './definitions/user-erase.js';
import { runCommand } from './support/command.js';
import { erasureReport } from './support/erasure-report.js';
import { Progress } from './support/progress.js';

/** Runs `npm run user:erase`: erases users and installs, one after the other, and prints a report of each. */
await runCommand(USER_ERASE, async ({ subjects, json }, { app, signal }) => {
  const commands = app.get(CommandBus);
  const progress = new Progress();
  const results: ({ readonly kind: string; readonly id: string } & EraseIdentityResult)[] = [];
  for (const { kind, id } of subjects) {
    if (signal.aborted) break;
    const options = {
      signal,
      onProgress: (day: string, index: number, days: number) => {
        progress.show(
          `Erasing ${kind} ${results.length + 1} of ${subjects.length}: ${day} (${index + 1}/${days})`,
        );
      },
    };
    const result = await commands.execute(new EraseIdentityCommand(kind, id, options)).finally(() => {
      progress.clear();
    });
    results.push({ kind, id, ...result });
    if (!json) console.log(erasureReport(kind, id, result));
    if (result.failure !== null) break;
  }
  if (json) {
    const erased = results.map(({ failure, ...result }) => ({ ...result, failed: failure !== null }));
    console.log(JSON.stringify({ erased, interrupted: signal.aborted }));
  }
  const failure = results.at(-1)?.failure ?? null;
  if (failure !== null) throw failure;
  return signal.aborted ? 130 : 0;
});
