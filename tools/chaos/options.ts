import { parseArgs } from 'node:util';
import { UsageError } from '../../src/cli/support/usage-error.js';
import { ALL_KINDS, rulesOf, type FaultKind } from './plan/fault-kinds.js';
import { readKinds } from './plan/only-kinds.js';

export interface ChaosOptions {
  readonly seed: string;
  readonly durationMs: number;
  readonly kinds: readonly FaultKind[];
  /** The text of `--only`, for the command that repeats the run. */
  readonly only: string | undefined;
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

const KINDS = ALL_KINDS.map((kind) => `  ${kind.padEnd(26)} ${rulesOf(kind).what}`).join('\n');

export const HELP = `Load on replicas in production mode while their stores, links, clocks and processes fail, and a verdict.

  npm run chaos -- --seed 7 --minutes 10
  npm run chaos -- --seed 7 --minutes 3 --only redis,postgres.terminate

  --seed TEXT      same seed, same plan of faults and devices        (random, printed)
  --minutes N      of load, 0.5 to 240                               (10)
  --only KINDS     kinds or groups, separated by commas              (all kinds)
                   groups: replica, clock, postgres, redis, kafka, postgres-link, redis-link, kafka-link, link
  --replicas N     of the built service, 1 to 3                      (2)
  --devices N      simulated installs, 10 to 20000                   (400)
  --speed N        devices live N times faster, 1 to 60              (4)
  --calm S         seconds after the load; the online count is checked when one window of 180 s fits   (195)
  --out DIR        where each run writes its history                 (.data/chaos)
  --plan           prints the plan of the seed and ends
  --recheck FILE   judges the history of an earlier run again
  --help

It starts PostgreSQL (with fsync), Redis, a stand-in of Kafka and the replicas on free ports of this machine, each link
through a proxy, and ends all of them, also when it is interrupted. A run takes its minutes, the calm, and about one minute more.
Exit code: 0 all checks hold, 1 one does not, 2 bad arguments, 130 stopped by Ctrl-C.

Kinds of faults:
${KINDS}
`;

/**
 * @returns undefined when the help text is wanted
 * @throws UsageError when an argument is unknown or out of range
 */
export function parseOptions(
  argv: readonly string[],
  defaults: { readonly seed: string },
): ChaosOptions | PlanOptions | RecheckOptions | undefined {
  const values = readArguments(argv);
  if (values.help === true) return undefined;
  if (values.recheck !== undefined) return { recheck: values.recheck };
  const seed = values.seed ?? defaults.seed;
  if (seed.trim() === '') throw new UsageError('--seed must not be empty');
  return {
    seed,
    durationMs: readNumber('minutes', values.minutes ?? '10', 0.5, 240) * 60_000,
    kinds: values.only === undefined ? ALL_KINDS : readKinds(values.only),
    only: values.only,
    replicas: readWhole('replicas', values.replicas ?? '2', 1, 3),
    devices: readWhole('devices', values.devices ?? '400', 10, 20_000),
    speed: readNumber('speed', values.speed ?? '4', 1, 60),
    calmMs: readNumber('calm', values.calm ?? '195', 0, 3_600) * 1000,
    directory: values.out ?? '.data/chaos',
    ...(values.plan === true && { printPlan: true }),
  };
}

function readArguments(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        seed: { type: 'string' },
        minutes: { type: 'string' },
        only: { type: 'string' },
        replicas: { type: 'string' },
        devices: { type: 'string' },
        speed: { type: 'string' },
        calm: { type: 'string' },
        out: { type: 'string' },
        plan: { type: 'boolean' },
        recheck: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readNumber(name: string, text: string, low: number, high: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!(value >= low && value <= high)) {
    throw new UsageError(`--${name} must be a number from ${String(low)} to ${String(high)}, not ${text}`);
  }
  return value;
}

function readWhole(name: string, text: string, low: number, high: number): number {
  const value = readNumber(name, text, low, high);
  if (!Number.isInteger(value)) throw new UsageError(`--${name} must be a whole number, not ${text}`);
  return value;
}
