import { randomUUID } from 'node:crypto';
import { loadConfiguration, readEnvironment } from '../config/configuration.js';
import { deadLetterTopicOf } from '../infrastructure/kafka/dead-letters/dead-letter.js';
import { DeadLetterReplay } from '../infrastructure/kafka/dead-letters/dead-letter-replay.js';
import { Progress } from './support/progress.js';
import { LETTER_HEADS, letterLine, readReplayArguments, replaySummary } from './support/replay-report.js';
import { runScript } from './support/script.js';
import { UsageError } from './support/usage-error.js';

const SHOWN_LETTERS = 100;

/**
 * `npm run dlq:replay -- [--dry-run] [--reason=CODE] [--since=INSTANT] [--until=INSTANT] [--source=PARTITION:OFFSET …]
 * [--limit=N]`: puts dead letters back to the topic they came from. Doing so again records nothing twice.
 */
await runScript(async (signal) => {
  const { dryRun, ...selection } = readReplayArguments(process.argv.slice(2));
  const { kafka } = loadConfiguration(readEnvironment());
  if (kafka === null)
    throw new UsageError('KAFKA_BROKERS is not set: there is no Kafka to read dead letters from');

  const progress = new Progress();
  const print = (line: string): void => {
    progress.done();
    console.log(line);
  };
  let shown = 0;
  const outcome = await new DeadLetterReplay(kafka, randomUUID())
    .run(selection, {
      dryRun,
      signal,
      onProgress: ({ read, total, replayed }) => {
        progress.show(
          `${read} of ${total} dead letters read · ${replayed} ${dryRun ? 'selected' : 'replayed'}`,
        );
      },
      ...(dryRun && {
        onSelected: (letter) => {
          if (shown === 0) print(LETTER_HEADS);
          if (shown++ < SHOWN_LETTERS) print(letterLine(letter));
        },
      }),
    })
    .finally(() => {
      progress.done();
    });
  if (shown > SHOWN_LETTERS) console.log(`… and ${shown - SHOWN_LETTERS} more`);

  const topics = { topic: kafka.topicIdentity, deadLetterTopic: deadLetterTopicOf(kafka.topicIdentity) };
  console.log(replaySummary(outcome, topics, { dryRun, limit: selection.limit }));
  return outcome.ended === 'interrupted' ? 130 : 0;
});
