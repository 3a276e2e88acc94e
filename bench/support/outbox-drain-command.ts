import { toCount } from '../../src/cli/support/arguments.js';
import type { CommandDefinition } from '../../src/cli/support/command-definition.js';

export const BENCH_OUTBOX: CommandDefinition<{ readonly rows: number; readonly rounds: number }> = {
  name: 'bench:outbox',
  summary: 'Compares how fast the relay empties a full outbox, by each client library, with kafkajs alone.',
  options: {
    rows: { value: 'N', help: 'messages in the outbox (100000)' },
    rounds: { value: 'N', help: 'repeats (3)' },
  },
  examples: ['', '--rows=10000 --rounds=1'],
  notes: [
    'It uses its own PostgreSQL, and the Kafka of KAFKA_BROKERS, its own Apache Kafka or a mock cluster.',
  ],
  read: (given) => ({
    rows: toCount('rows', given.text('rows') ?? '100000'),
    rounds: toCount('rounds', given.text('rounds') ?? '3'),
  }),
};
