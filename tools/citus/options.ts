import { toCount } from '../../src/cli/support/arguments.js';
import type { CommandDefinition } from '../../src/cli/support/command-definition.js';
import { UsageError } from '../../src/cli/support/usage-error.js';

export const PATHS = ['coordinator', 'workers'] as const;
export type Path = (typeof PATHS)[number];

export interface CheckCitusOptions {
  readonly moves: number;
  readonly paths: readonly Path[];
  /** Commands for a shell that stop a worker and start it again; null without that scene. */
  readonly outage: { readonly stop: string; readonly start: string } | null;
}

export const CHECK_CITUS: CommandDefinition<CheckCitusOptions> = {
  name: 'check:citus',
  summary:
    'Moves shards of the cluster of TEST_CITUS_URL and loses a worker while events are stored, and checks each bucket.',
  options: {
    moves: { value: 'N', help: 'shards that are moved, one after the other (10)' },
    path: { value: 'PATH', help: 'coordinator or workers: where flushes go (both, one after the other)' },
    stop: { value: 'COMMAND', help: 'stops a worker; without it no worker is lost' },
    start: { value: 'COMMAND', help: 'starts that worker again' },
  },
  examples: ['', '--moves=3 --path=workers'],
  notes: [
    'TEST_CITUS_URL is a superuser’s URL of a coordinator whose workers are registered. A database is made on each node, and dropped.',
    'Exit code: 0 all checks hold, 1 one does not, 2 wrong arguments or no cluster.',
  ],
  read: (given) => {
    const [path, stop, start] = ['path', 'stop', 'start'].map((name) => given.text(name));
    if (path !== undefined && !PATHS.some((each) => each === path))
      throw new UsageError(`--path must be one of ${PATHS.join(', ')}, not "${path}"`);
    if ((stop === undefined) !== (start === undefined))
      throw new UsageError('--stop and --start must be given together, one is absent');
    return {
      moves: toCount('moves', given.text('moves') ?? '10'),
      paths: PATHS.filter((each) => path === undefined || each === path),
      outage: stop === undefined || start === undefined ? null : { stop, start },
    };
  },
};
