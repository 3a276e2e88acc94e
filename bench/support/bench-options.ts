import { readOptions, toCount } from '../../src/cli/support/arguments.js';
import { UsageError } from '../../src/cli/support/usage-error.js';
import type { BenchScale } from './context.js';

export const PARTS = [
  'batches',
  'single',
  'heartbeats',
  'online',
  'route',
  'dau',
  'memory',
  'rollup',
  'growth',
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

const USAGE = `Usage: npm run bench -- [--quick] [--only=batches,single,…] [--replicas=2] [--rounds=3] [--seconds=10] [--profile=DIR]
       npm run bench -- --from=A.json,B.json`;
const WHOLE: BenchScale = {
  rounds: 3,
  seconds: 10,
  dayEvents: 10_000_000,
  onlineUsers: 1_000_000,
  soakSeconds: 600,
};
const QUICK: BenchScale = {
  rounds: 1,
  seconds: 1,
  dayEvents: 10_000,
  onlineUsers: 10_000,
  soakSeconds: 2,
};

/** @throws UsageError when an option is unknown or has a wrong value */
export function parseBenchOptions(argv: readonly string[]): BenchOptions {
  const { quick, only, replicas, rounds, seconds, profile, from } = readOptions(
    argv,
    {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      replicas: { type: 'string', default: '1' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      profile: { type: 'string' },
      from: { type: 'string' },
    },
    USAGE,
  );
  const replicaCount = toCount('replicas', replicas);
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
    throw new UsageError(`--only must list some of ${PARTS.join()}, not "${unknown}"\n${USAGE}`);
  }
  return names as Part[];
}
