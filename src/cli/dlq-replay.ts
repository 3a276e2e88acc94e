import { CommandBus } from '@nestjs/cqrs';
import { ReplayDeadLettersCommand } from '../application/commands/replay-dead-letters/replay-dead-letters.command.js';
import type { DeadLetter } from '../application/ports/dead-letters.port.js';
import { DLQ_REPLAY } from './definitions/dlq-replay.js';
import { withDeadLetters } from './support/command.js';
import { Progress } from './support/progress.js';
import { replayProgress, replayResult, replaySummary, ShownLetters } from './support/replay-report.js';
import { runScript } from './support/script.js';

/** Runs `npm run dlq:replay`: returns dead letters to the topic they came from. */
await runScript(DLQ_REPLAY, async ({ dryRun, json, ...selection }, signal) =>
  withDeadLetters(async (app) => {
    const progress = new Progress();
    const shown = new ShownLetters();
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
            onSelected: (letter: DeadLetter) => {
              shown.add(letter);
            },
          }),
        }),
      )
      .finally(() => {
        progress.clear();
      });
    if (json) console.log(JSON.stringify(replayResult(outcome, dryRun)));
    else {
      for (const line of shown.lines()) console.log(line);
      console.log(replaySummary(outcome, { dryRun, limit: selection.limit }));
    }
    return outcome.ended === 'interrupted' ? 130 : 0;
  }),
);
