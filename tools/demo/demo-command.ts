import type { CommandDefinition } from '../../src/cli/support/command-definition.js';
import { readLabel, readWhole } from '../support/option-values.js';

export interface DemoOptions {
  readonly port: number;
  /** Days of history, today included. */
  readonly days: number;
  /** Directory of everything that it stores. */
  readonly data: string;
  /** Deletes what an earlier demo stored. */
  readonly fresh: boolean;
}

export const DEMO: CommandDefinition<DemoOptions> = {
  name: 'demo',
  summary:
    'Starts the service with 90 days of invented history and a crowd that goes on living, on an embedded database of its own.',
  options: {
    port: { value: 'N', help: 'TCP port of the service, 1 to 65535 (3001)' },
    days: { value: 'N', help: 'days of history for a new demo, 2 to 366 (90)' },
    data: {
      value: 'DIR',
      help: 'directory of its data alone: missing, empty or of an earlier demo (.data/demo)',
    },
    fresh: { help: 'deletes what an earlier demo made in DIR and nothing else, and starts anew' },
  },
  examples: ['', '--port=3002'],
  notes: [
    'It refuses to run with NODE_ENV=production or with a database, Redis or Kafka configured.',
    'Exit code: 0 stopped by Ctrl-C, 1 failed, 2 wrong arguments or a refusal.',
  ],
  read: (given) => ({
    port: readWhole('port', given.text('port') ?? '3001', 1, 65_535),
    days: readWhole('days', given.text('days') ?? '90', 2, 366),
    data: readLabel('data', given.text('data') ?? '.data/demo'),
    fresh: given.flag('fresh'),
  }),
};
