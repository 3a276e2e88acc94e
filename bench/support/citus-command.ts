import { toCount } from '../../src/cli/support/arguments.js';
import type { CommandDefinition } from '../../src/cli/support/command-definition.js';

export interface CitusBenchOptions {
  /** Rows of a flush, largest first. */
  readonly rows: readonly number[];
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
}

export const BENCH_CITUS: CommandDefinition<CitusBenchOptions> = {
  name: 'bench:citus',
  summary: 'Compares flushes on the Citus cluster of TEST_CITUS_URL with one PostgreSQL in the same minutes.',
  options: {
    rows: { value: 'N,N', help: 'rows of a flush (1000,100,20)' },
    rounds: { value: 'N', help: 'repeats, whose medians count (3)' },
    seconds: { value: 'N', help: 'seconds of each measurement (6)' },
    connections: { value: 'N', help: 'flushes in flight at once (2)' },
  },
  examples: ['', '--rows=100 --rounds=7'],
  notes: [
    'TEST_CITUS_URL is a superuser’s URL of a coordinator whose workers are registered; TEST_DATABASE_URL is a plain server,',
    'else one is started. CPU is read from /proc, so every server must run on this machine. Databases are made and dropped.',
  ],
  read: (given) => ({
    rows: (given.text('rows') ?? '1000,100,20').split(',').map((text) => toCount('rows', text)),
    rounds: toCount('rounds', given.text('rounds') ?? '3'),
    seconds: toCount('seconds', given.text('seconds') ?? '6'),
    connections: toCount('connections', given.text('connections') ?? '2'),
  }),
};
