import { toCount } from '../../src/cli/support/arguments.js';
import type { CommandDefinition } from '../../src/cli/support/command-definition.js';
import { UsageError } from '../../src/cli/support/usage-error.js';

export const PATHS = ['coordinator', 'workers'] as const;
export type Path = (typeof PATHS)[number];

/** A server that is lost for a while. */
export interface Outage {
  readonly name: string;
  /** True when buckets of one worker are unavailable meanwhile. */
  readonly losesBuckets: boolean;
  /** Commands for a shell. */
  readonly begin: string;
  readonly end: string;
  readonly paths: readonly Path[];
}

/** A standby that takes over from its worker. */
export interface Failover {
  /** Each `host:port`. */
  readonly worker: string;
  readonly standby: string;
  /** Commands for a shell. */
  readonly promote: string;
  readonly restore: string;
}

export interface CheckCitusOptions {
  readonly moves: number;
  readonly paths: readonly Path[];
  readonly outages: readonly Outage[];
  readonly failover: Failover | null;
}

const OUTAGES = [
  { name: 'a worker stopped', begin: 'stop', end: 'start', losesBuckets: true, paths: PATHS },
  { name: 'a worker frozen', begin: 'freeze', end: 'thaw', losesBuckets: true, paths: PATHS },
  {
    name: 'the coordinator stopped',
    begin: 'stop-coordinator',
    end: 'start-coordinator',
    losesBuckets: false,
    paths: ['workers'],
  },
] as const;

export const CHECK_CITUS: CommandDefinition<CheckCitusOptions> = {
  name: 'check:citus',
  summary:
    'Moves shards of the cluster of TEST_CITUS_URL and loses servers while events are stored, and checks each bucket.',
  options: {
    moves: { value: 'N', help: 'shards that are moved, one after the other (10); 0 for none' },
    path: { value: 'PATH', help: 'coordinator or workers: where flushes go (both, one after the other)' },
    stop: { value: 'COMMAND', help: 'stops a worker; without it none is stopped' },
    start: { value: 'COMMAND', help: 'starts that worker again' },
    freeze: {
      value: 'COMMAND',
      help: 'freezes all processes of a worker (SIGSTOP); without it none is frozen',
    },
    thaw: { value: 'COMMAND', help: 'lets that worker go on (SIGCONT)' },
    'stop-coordinator': {
      value: 'COMMAND',
      help: 'stops the coordinator while flushes go to the workers; without it it stays',
    },
    'start-coordinator': { value: 'COMMAND', help: 'starts the coordinator again' },
    failover: {
      value: 'HOST:PORT,HOST:PORT',
      help: 'a worker and its standby, which --promote makes a primary under load',
    },
    promote: {
      value: 'COMMAND',
      help: 'kills that worker and promotes its standby; ends when that takes writes',
    },
    restore: { value: 'COMMAND', help: 'starts the former worker again, with a new standby' },
  },
  examples: ['', '--moves=3 --path=workers'],
  notes: [
    'TEST_CITUS_URL is a superuser’s URL of a coordinator whose workers are registered. A database is made on each node, and dropped.',
    'Exit code: 0 all checks hold, 1 one does not, 2 wrong arguments or no cluster.',
  ],
  read: (given) => {
    const path = given.text('path');
    if (path !== undefined && !PATHS.some((each) => each === path))
      throw new UsageError(`--path must be one of ${PATHS.join(', ')}, not "${path}"`);
    return {
      moves: given.text('moves') === '0' ? 0 : toCount('moves', given.text('moves') ?? '10'),
      paths: PATHS.filter((each) => path === undefined || each === path),
      outages: OUTAGES.flatMap(({ begin, end, ...outage }) => {
        const [first, last] = [given.text(begin), given.text(end)];
        if ((first === undefined) !== (last === undefined))
          throw new UsageError(`--${begin} and --${end} must be given together, one is absent`);
        return first === undefined || last === undefined ? [] : [{ ...outage, begin: first, end: last }];
      }),
      failover: readFailover(given.text('failover'), given.text('promote'), given.text('restore')),
    };
  },
};

function readFailover(
  hosts: string | undefined,
  promote: string | undefined,
  restore: string | undefined,
): Failover | null {
  if (hosts === undefined && promote === undefined && restore === undefined) return null;
  if (hosts === undefined || promote === undefined || restore === undefined)
    throw new UsageError('--failover, --promote and --restore must be given together, one is absent');
  const [worker, standby, ...more] = hosts.split(',');
  if (worker === undefined || standby === undefined || more.length > 0)
    throw new UsageError(
      `--failover must be a worker and its standby, as in one:5432,two:5432, not "${hosts}"`,
    );
  return { worker, standby, promote, restore };
}
