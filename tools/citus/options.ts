import { toCount } from '../../src/cli/support/arguments.js';
import type { CommandDefinition, GivenArguments } from '../../src/cli/support/command-definition.js';
import { UsageError } from '../../src/cli/support/usage-error.js';

export const PATHS = ['coordinator', 'workers'] as const;
export type Path = (typeof PATHS)[number];

/** Restore point of all nodes, to which the commands restore. */
export const RESTORE_POINT = 'check_citus';

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

/** A standby that takes over from its node. */
export interface Failover {
  /** Each `host:port`; the node is a worker or the coordinator. */
  readonly node: string;
  readonly standby: string;
  /** Commands for a shell. */
  readonly promote: string;
  readonly comeBack: string;
}

/** Backups of all nodes, and their restore to one point at other addresses. */
export interface Restore {
  /** Commands for a shell. */
  readonly backup: string;
  readonly restore: string;
  readonly end: string;
  /** Each `host:port`, the coordinator first, then the workers in the order of their addition. */
  readonly restored: readonly string[];
}

export interface CheckCitusOptions {
  readonly moves: number;
  readonly paths: readonly Path[];
  readonly outages: readonly Outage[];
  readonly failover: Failover | null;
  readonly restore: Restore | null;
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
      help: 'a worker or the coordinator, and its standby, which --promote makes a primary under load',
    },
    promote: {
      value: 'COMMAND',
      help: 'kills that node and promotes its standby; ends when that takes writes',
    },
    return: { value: 'COMMAND', help: 'starts the former node again, with a new standby' },
    backup: {
      value: 'COMMAND',
      help: 'begins an archive of the WAL of all nodes, and makes their base backups under load',
    },
    restore: {
      value: 'COMMAND',
      help: `stops all nodes and restores their backups to the point ${RESTORE_POINT}; ends when they take writes`,
    },
    restored: {
      value: 'HOST:PORT,…',
      help: 'addresses of the restored nodes, coordinator first, workers as they were added',
    },
    'end-restore': { value: 'COMMAND', help: 'stops the restored nodes and starts the former ones' },
  },
  examples: ['', '--moves=3 --path=workers'],
  notes: [
    'tools/citus/local-cluster.sh has a cluster on one machine and these commands for it.',
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
        const texts = readTogether(given, [begin, end]);
        return texts === null ? [] : [{ ...outage, begin: texts[begin], end: texts[end] }];
      }),
      failover: readFailover(given),
      restore: readRestore(given),
    };
  },
};

function readFailover(given: GivenArguments): Failover | null {
  const texts = readTogether(given, ['failover', 'promote', 'return']);
  if (texts === null) return null;
  const [node, standby, ...more] = texts.failover.split(',');
  if (node === undefined || standby === undefined || more.length > 0)
    throw new UsageError(
      `--failover must be a node and its standby, as in one:5432,two:5432, not "${texts.failover}"`,
    );
  return { node, standby, promote: texts.promote, comeBack: texts.return };
}

function readRestore(given: GivenArguments): Restore | null {
  const texts = readTogether(given, ['backup', 'restore', 'restored', 'end-restore']);
  if (texts === null) return null;
  const { backup, restore, restored, 'end-restore': end } = texts;
  return { backup, restore, end, restored: restored.split(',') };
}

/** Returns null when all are absent. */
function readTogether<Name extends string>(
  given: GivenArguments,
  names: readonly Name[],
): Record<Name, string> | null {
  const texts = names.flatMap((name) => {
    const text = given.text(name);
    return text === undefined ? [] : [[name, text] as const];
  });
  if (texts.length === 0) return null;
  if (texts.length < names.length)
    throw new UsageError(
      `${names.map((name) => `--${name}`).join(', ')} must be given together, ${texts.length} of ${names.length} are`,
    );
  return Object.fromEntries(texts) as Record<Name, string>;
}
