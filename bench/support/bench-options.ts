import { toCount } from '../../src/cli/support/arguments.js';
import type { CommandDefinition, GivenArguments } from '../../src/cli/support/command-definition.js';
import { UsageError } from '../../src/cli/support/usage-error.js';
import type { BenchScale } from './context.js';

export const PARTS = [
  'batches',
  'single',
  'heartbeats',
  'gateways',
  'workers',
  'limits',
  'online',
  'watchers',
  'route',
  'floor',
  'dau',
  'memory',
  'rollup',
  'growth',
  'partitions',
  'actives',
] as const;
export type Part = (typeof PARTS)[number];

export interface BenchOptions {
  readonly isQuick: boolean;
  readonly parts: readonly Part[];
  readonly replicas: number;
  readonly scale: BenchScale;
  /** The directory for the service's CPU profiles. */
  readonly profile?: string;
  /** Result files to render instead of measuring. */
  readonly from?: readonly string[];
  /** True when no option changes what is measured, so that the performance page may show the run. */
  readonly isWhole: boolean;
}

const WHOLE: BenchScale = {
  rounds: 5,
  seconds: 10,
  dayEvents: 10_000_000,
  onlineUsers: 1_000_000,
  soakSeconds: 600,
  partitionDays: 1_144,
  identities: 5_000_000,
};
const QUICK: BenchScale = {
  rounds: 1,
  seconds: 1,
  dayEvents: 10_000,
  onlineUsers: 10_000,
  soakSeconds: 2,
  partitionDays: 60,
  identities: 5_000,
};

export const BENCH: CommandDefinition<BenchOptions> = {
  name: 'bench',
  summary:
    'Measures the service beside the limits of the machine, and writes docs/performance.md after a whole run.',
  options: {
    quick: { help: 'a short run that writes nothing' },
    only: { value: 'PARTS', help: `some of ${PARTS.join()}` },
    replicas: { value: 'N', help: 'processes of the service (1)' },
    rounds: { value: 'N', help: 'repeats of each measurement (5)' },
    seconds: { value: 'N', help: 'length of each measurement (10)' },
    profile: { value: 'DIR', help: 'writes CPU profiles of the service there' },
    from: { value: 'A.json,B.json', help: 'makes the page from results, and measures nothing' },
  },
  examples: ['--quick', '--only=batches,single --rounds=1'],
  notes: ['Exit code: 0 done, 1 a part failed, 2 wrong arguments.'],
  read: readBenchOptions,
};

function readBenchOptions(given: GivenArguments): BenchOptions {
  const [quick, only, profile, from] = [
    given.flag('quick'),
    given.text('only'),
    given.text('profile'),
    given.text('from'),
  ];
  const [rounds, seconds] = [given.text('rounds'), given.text('seconds')];
  const replicaCount = toCount('replicas', given.text('replicas') ?? '1');
  return {
    isQuick: quick,
    parts: only === undefined ? PARTS : toParts(only),
    replicas: replicaCount,
    scale: {
      ...(quick ? QUICK : WHOLE),
      ...(rounds !== undefined && { rounds: toCount('rounds', rounds) }),
      ...(seconds !== undefined && { seconds: toCount('seconds', seconds) }),
    },
    ...(profile !== undefined && { profile }),
    ...(from !== undefined && { from: from.split(',') }),
    isWhole: replicaCount === 1 && [only, rounds, seconds, profile].every((value) => value === undefined),
  };
}

function toParts(text: string): Part[] {
  const names = text.split(',');
  const unknown = names.find((name) => !PARTS.some((part) => part === name));
  if (unknown !== undefined) {
    throw new UsageError(`--only must list some of ${PARTS.join()}, not "${unknown}"`);
  }
  return names as Part[];
}
