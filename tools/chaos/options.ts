import { helpOf } from '../../src/cli/support/command-help.js';
import type { CommandDefinition, GivenArguments } from '../../src/cli/support/command-definition.js';
import { parseCommandLine } from '../../src/cli/support/command-line.js';
import { UsageError } from '../../src/cli/support/usage-error.js';
import { readLabel, readNumber, readWhole } from '../support/option-values.js';
import { ALL_KINDS, rulesOf, type FaultKind } from './plan/fault-kinds.js';
import type { PlannedFault } from './plan/fault-plan.js';
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
  /** A recorded plan, which takes the place of the seed's. */
  readonly plan?: readonly PlannedFault[];
  /** Runs one after the other, each with the next seed. */
  readonly runs?: SeedRuns;
  /** Prints no progress, and only those checks that do not hold. */
  readonly isQuiet?: true;
}

/** Several runs; each seed chooses stores and replicas unless they are given. */
export interface SeedRuns {
  readonly count: number;
  readonly stores: readonly Store[] | undefined;
  readonly replicas: number | undefined;
}

/** The history of an earlier run that is judged again. */
export interface RecheckOptions {
  readonly recheck: string;
}

/** The history of an earlier run that is judged and repeated. */
export interface ReplayOptions {
  readonly replay: string;
  readonly directory: string;
}

/** The history of a failed run whose plan is thinned. */
export interface ShrinkOptions {
  readonly shrink: string;
  readonly attempts: number;
}

/** A directory of runs whose reports are added up. */
export interface TotalsOptions {
  readonly totals: string;
  /** The page that the totals are written into. */
  readonly page?: string;
}

/** A run that commits faults on purpose, each for one check. */
export interface ProveOptions extends ChaosOptions {
  readonly prove: true;
}

export interface PlanOptions extends ChaosOptions {
  readonly printPlan: true;
}

type FileOptions = RecheckOptions | ReplayOptions | ShrinkOptions | TotalsOptions;

type GivenOptions =
  | (Omit<ChaosOptions, 'seed' | 'stores' | 'replicas'> & {
      readonly seed?: string;
      readonly replicas?: number;
      readonly stores?: readonly Store[];
      readonly printPlan?: true;
      readonly prove?: true;
    })
  | FileOptions;

const DIRECTORY = '.data/chaos';

export const CHAOS: CommandDefinition<GivenOptions> = {
  name: 'chaos',
  summary:
    'Loads replicas in production mode while their stores, links, clocks and processes fail, and gives a verdict.',
  options: {
    seed: { value: 'TEXT', help: 'same seed, same plan of faults and devices (random, printed)' },
    minutes: { value: 'N', help: 'of load, 0.5 to 240 (10)' },
    only: { value: 'KINDS', help: 'kinds or groups of faults, separated by commas (all kinds)' },
    stores: { value: 'LIST', help: 'variants of the stores, or single for none (derived from the seed)' },
    'at-once': { value: 'N', help: 'faults of one round at most, 1 to 20 (3)' },
    replicas: { value: 'N', help: 'of the built service, 1 to 3 (2 or 3, derived from the seed)' },
    devices: { value: 'N', help: 'simulated installs, 10 to 20000 (400)' },
    speed: { value: 'N', help: 'devices live N times faster, 1 to 60 (4)' },
    calm: { value: 'S', help: 'seconds after the load; live DAU needs 65, an exact online count 180 (195)' },
    out: { value: 'DIR', help: 'where each run writes its history (.data/chaos)' },
    plan: { help: 'prints the plan of the seed and ends' },
    runs: { value: 'N', help: 'runs one after the other, each with the next seed, 1 to 1000 (1)' },
    quiet: { help: 'prints no progress, and only the checks that do not hold' },
    recheck: { value: 'FILE', help: 'judges the history of an earlier run again' },
    replay: { value: 'FILE', help: 'judges the history of an earlier run again and repeats its plan' },
    shrink: { value: 'FILE', help: 'repeats parts of a failed plan and prints the smallest that fails' },
    attempts: { value: 'N', help: 'runs of --shrink at most, 1 to 100 (12)' },
    totals: { value: 'DIR', help: 'adds up the verdicts of every run below a directory' },
    page: { value: 'FILE', help: 'with --totals: the page that all published runs are added up in' },
    prove: { help: 'commits faults of the service on purpose and tells which checks find them' },
  },
  examples: [
    '--seed 7 --minutes 10',
    '--seed 7 --minutes 3 --only redis,postgres.terminate',
    '--replay .data/chaos/7-20250115103000000/history.jsonl.gz',
    '--totals .data/chaos --page docs/reliability.md',
  ],
  notes: [
    'It starts PostgreSQL (with fsync), Redis, Kafka and the replicas on free ports of this machine, each link through a',
    'proxy, and ends all of them, also when it is interrupted. A run takes its minutes, the calm, and about one minute',
    'more. Variants that this machine cannot run are left out, and it says so.',
    'Exit code: 0 all checks hold, 1 one does not, 2 wrong arguments, 130 Ctrl-C.',
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
): ChaosOptions | PlanOptions | ProveOptions | FileOptions | undefined {
  const commandLine = parseCommandLine(CHAOS, argv);
  if (commandLine.help !== null) return undefined;
  const { given } = commandLine;
  if (isFileOptions(given)) return given;
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
  const fileOptions = readFileOptions(given);
  if (fileOptions !== undefined) return fileOptions;
  const text = (name: string, otherwise: string): string => given.text(name) ?? otherwise;
  const [seed, only] = [given.text('seed'), given.text('only')];
  const [stores, replicas] = [given.text('stores'), given.text('replicas')];
  return {
    ...(seed !== undefined && { seed: readLabel('seed', seed) }),
    durationMs: readNumber('minutes', text('minutes', '10'), 0.5, 240) * 60_000,
    kinds: only === undefined ? ALL_KINDS : readKinds(only),
    only,
    ...(stores !== undefined && { stores: readStores(stores) }),
    atOnce: readWhole('at-once', text('at-once', '3'), 1, 20),
    ...(replicas !== undefined && { replicas: readWhole('replicas', replicas, 1, 3) }),
    devices: readWhole('devices', text('devices', '400'), 10, 20_000),
    speed: readNumber('speed', text('speed', '4'), 1, 60),
    calmMs: readNumber('calm', text('calm', '195'), 0, 3_600) * 1000,
    directory: text('out', DIRECTORY),
    ...(given.text('runs') !== undefined && {
      runs: {
        count: readWhole('runs', text('runs', '1'), 1, 1_000),
        stores: stores === undefined ? undefined : readStores(stores),
        replicas: replicas === undefined ? undefined : readWhole('replicas', replicas, 1, 3),
      },
    }),
    ...(given.flag('quiet') && { isQuiet: true as const }),
    ...(given.flag('prove') && { prove: true as const }),
    ...(given.flag('plan') && { printPlan: true as const }),
  };
}

function isFileOptions(given: GivenOptions): given is FileOptions {
  return 'recheck' in given || 'replay' in given || 'shrink' in given || 'totals' in given;
}

/** @throws UsageError when two of them are given */
function readFileOptions(given: GivenArguments): FileOptions | undefined {
  const [recheck, replay, shrink, totals, page] = ['recheck', 'replay', 'shrink', 'totals', 'page'].map(
    (name) => given.text(name),
  );
  const names = Object.entries({ recheck, replay, shrink, totals }).filter(([, file]) => file !== undefined);
  if (names.length > 1)
    throw new UsageError(
      `--${names.map(([name]) => name).join(' and --')} exclude each other: give one of them`,
    );
  if (page !== undefined && totals === undefined) throw new UsageError('--page needs --totals');
  if (recheck !== undefined) return { recheck };
  if (replay !== undefined) return { replay, directory: given.text('out') ?? DIRECTORY };
  if (shrink !== undefined)
    return { shrink, attempts: readWhole('attempts', given.text('attempts') ?? '12', 1, 100) };
  return totals === undefined ? undefined : { totals, ...(page !== undefined && { page }) };
}
