import { helpOf } from '../../src/cli/support/command-help.js';
import type { CommandDefinition, GivenArguments } from '../../src/cli/support/command-definition.js';
import { parseCommandLine } from '../../src/cli/support/command-line.js';
import { readLabel, readNumber, readWhole } from '../support/option-values.js';
import { ALL_KINDS, rulesOf, type FaultKind } from './plan/fault-kinds.js';
import { readKinds } from './plan/only-kinds.js';
import { ALL_STORES, readStores, replicasOf, STORES, storesOf, type Store } from './plan/stores.js';

export interface ChaosOptions {
  readonly seed: string;
  readonly durationMs: number;
  readonly kinds: readonly FaultKind[];
  /** The text of `--only`, for the command that repeats the run. */
  readonly only: string | undefined;
  /** The wanted variants of the stores. */
  readonly stores: readonly Store[];
  /** The most faults of one round. */
  readonly atOnce: number;
  readonly replicas: number;
  readonly devices: number;
  readonly speed: number;
  /** The calm after the load, in which probes go on; one window of presence must fit for the online count. */
  readonly calmMs: number;
  readonly directory: string;
}

/** A file or directory of an earlier run that is judged again. */
export interface RecheckOptions {
  readonly recheck: string;
}

export interface PlanOptions extends ChaosOptions {
  readonly printPlan: true;
}

type GivenOptions =
  | (Omit<ChaosOptions, 'seed' | 'stores' | 'replicas'> & {
      readonly seed?: string;
      readonly replicas?: number;
      readonly stores?: readonly Store[];
      readonly printPlan?: true;
    })
  | RecheckOptions;

export const CHAOS: CommandDefinition<GivenOptions> = {
  name: 'chaos',
  summary:
    'Loads replicas in production mode while their stores, links, clocks and processes fail, and gives a verdict.',
  options: {
    seed: { value: 'TEXT', help: 'same seed, same plan of faults and devices (random, printed)' },
    minutes: { value: 'N', help: 'of load, 0.5 to 240 (10)' },
    only: { value: 'KINDS', help: 'kinds or groups of faults, separated by commas (all kinds)' },
    stores: { value: 'LIST', help: 'variants of the stores, or single for none (derived from the seed)' },
    'at-once': { value: 'N', help: 'faults of one round at most, 1 to 12 (3)' },
    replicas: { value: 'N', help: 'of the built service, 1 to 3 (2 or 3, derived from the seed)' },
    devices: { value: 'N', help: 'simulated installs, 10 to 20000 (400)' },
    speed: { value: 'N', help: 'devices live N times faster, 1 to 60 (4)' },
    calm: { value: 'S', help: 'seconds after the load; 180 and more check the online count (195)' },
    out: { value: 'DIR', help: 'where each run writes its history (.data/chaos)' },
    plan: { help: 'prints the plan of the seed and ends' },
    recheck: { value: 'FILE', help: 'judges the history of an earlier run again' },
  },
  examples: ['--seed 7 --minutes 10', '--seed 7 --minutes 3 --only redis,postgres.terminate'],
  notes: [
    'It starts PostgreSQL (with fsync), Redis, Kafka and the replicas on free ports of this machine, each link through a',
    'proxy, and ends all of them, also when it is interrupted. A run takes its minutes, the calm, and about one minute',
    'more. Variants that this machine cannot run are left out, and it says so. Exit code: 0 all checks hold, 1 one does not, 2 wrong arguments, 130 Ctrl-C.',
    '',
    'Variants of the stores:',
    ...ALL_STORES.map((store) => `  ${store.padEnd(26)} ${STORES[store]}`),
    '',
    'Groups: replica, clock, postgres, standby, pooler, redis, kafka, postgres-link, redis-link, kafka-link, link. Kinds of faults:',
    ...ALL_KINDS.map((kind) => `  ${kind.padEnd(26)} ${rulesOf(kind).what}${storeOf(kind)}`),
  ],
  read: readOptions,
};

export const HELP = helpOf(CHAOS);

/**
 * @returns undefined when the help text is wanted
 * @throws UsageError when an argument is unknown or out of range
 */
export function parseOptions(
  argv: readonly string[],
  defaults: { readonly seed: string },
): ChaosOptions | PlanOptions | RecheckOptions | undefined {
  const commandLine = parseCommandLine(CHAOS, argv);
  if (commandLine.help !== null) return undefined;
  const { given } = commandLine;
  if ('recheck' in given) return given;
  const seed = given.seed ?? defaults.seed;
  return {
    ...given,
    seed,
    stores: given.stores ?? storesOf(seed),
    replicas: given.replicas ?? replicasOf(seed),
  };
}

function storeOf(kind: FaultKind): string {
  const { needs } = rulesOf(kind);
  return needs === undefined ? '' : ` (${needs})`;
}

function readOptions(given: GivenArguments): GivenOptions {
  const recheck = given.text('recheck');
  if (recheck !== undefined) return { recheck };
  const text = (name: string, otherwise: string): string => given.text(name) ?? otherwise;
  const [seed, only] = [given.text('seed'), given.text('only')];
  const [stores, replicas] = [given.text('stores'), given.text('replicas')];
  return {
    ...(seed !== undefined && { seed: readLabel('seed', seed) }),
    durationMs: readNumber('minutes', text('minutes', '10'), 0.5, 240) * 60_000,
    kinds: only === undefined ? ALL_KINDS : readKinds(only),
    only,
    ...(stores !== undefined && { stores: readStores(stores) }),
    atOnce: readWhole('at-once', text('at-once', '3'), 1, 12),
    ...(replicas !== undefined && { replicas: readWhole('replicas', replicas, 1, 3) }),
    devices: readWhole('devices', text('devices', '400'), 10, 20_000),
    speed: readNumber('speed', text('speed', '4'), 1, 60),
    calmMs: readNumber('calm', text('calm', '195'), 0, 3_600) * 1000,
    directory: text('out', '.data/chaos'),
    ...(given.flag('plan') && { printPlan: true as const }),
  };
}
