import { CommandBus } from '@nestjs/cqrs';
import { ReplayDeadLettersCommand } from '../application/commands/replay-dead-letters/replay-dead-letters.command.js';
import { withDeadLetters } from './support/command.js';
import { Progress } from './support/progress.js';
import { readReplayArguments } from './support/replay-arguments.js';
import { replayProgress, replaySummary, ShownLetters } from './support/replay-report.js';
import { runScript } from './support/script.js';

/**
 * Runs `npm run dlq:replay`: returns dead letters to the topic they came from.
 * A second replay records nothing twice. The usage in support/replay-arguments.ts lists the options.
 */
await runScript(async (signal) => {
  const { dryRun, ...selection } = readReplayArguments(process.argv.slice(2));
  return withDeadLetters(async (app) => {
    const progress = new Progress();
    const shown = new ShownLetters((line) => {
      progress.clear();
      console.log(line);
    });
    const outcome = await app
      .get(CommandBus)
      .execute(
        new ReplayDeadLettersCommand(selection, {
          dryRun,
          signal,
          onProgress: (soFar) => {
            progress.show(replayProgress(soFar, dryRun));
          },
          ...(dryRun && {
            onSelected: (letter) => {
              shown.show(letter);
            },
          }),
        }),
      )
      .finally(() => {
        progress.clear();
      });
    shown.finish();
    console.log(replaySummary(outcome, { dryRun, limit: selection.limit }));
    return outcome.ended === 'interrupted' ? 130 : 0;
  });
});
