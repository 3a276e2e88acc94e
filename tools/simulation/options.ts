import { parseArgs } from 'node:util';
import { UsageError } from '../../src/cli/support/usage-error.js';

export interface SimulationOptions {
  readonly url: URL;
  readonly devices: number;
  readonly durationMs: number;
  readonly speed: number;
  readonly seed: string;
  readonly runId: string;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly retries: number;
  /** The probability that a response is lost on purpose. */
  readonly loss: number;
  /** The time after the last step during which messages may still be retried. */
  readonly drainMs: number;
  /** The time that the dashboard may take to show what was stored. */
  readonly settleMs: number;
  readonly jwtSecret: string;
  readonly adminRole: string;
}

export interface OptionDefaults {
  readonly seed: string;
  readonly runId: string;
  readonly jwtSecret: string;
}

export const HELP = `A crowd of simulated devices against a running service, and a check of every number it answers.

  npm run simulate -- --devices 2000 --duration 60

  --url URL          the service                                       (http://127.0.0.1:3001)
  --devices N        installs, 1 to 100000                             (2000)
  --duration S       seconds of real time, up to 86400                 (60)
  --speed N          devices live N times faster, 1 to 3600            (1)
                     timestamps stay real: the service's clock counts
  --seed TEXT        same seed and run id: same crowd                  (random, printed)
  --run-id TEXT      makes installs, users and events new              (from the time of the start)
  --concurrency N    requests in flight, 1 to 1024                     (64)
  --timeout S        seconds until a request is given up               (10)
  --retries N        tries after the first for a failed request        (6)
  --loss P           share of answers lost on purpose, 0 to 0.5        (0.06)
  --drain S          seconds at the end for in-flight messages         (30)
  --settle S         seconds for the dashboard to catch up             (10)
  --jwt-secret TEXT  the service's JWT_SECRET        (JWT_SECRET, else the development secret)
  --admin-role TEXT  the role in the dashboard's token                 (admin)
  --help

The checks compare the figures before and after the run, so the service may hold data, but no other client may send
to it during the run. Exit code: 0 all checks hold, 1 one does not, 2 bad arguments or no service, 130 stopped by Ctrl-C.
`;

/**
 * @returns undefined when the help text is wanted
 * @throws UsageError when an argument is unknown or out of range
 */
export function parseOptions(
  argv: readonly string[],
  defaults: OptionDefaults,
): SimulationOptions | undefined {
  const values = readArguments(argv);
  if (values.help === true) return undefined;
  return {
    url: readUrl(values.url ?? 'http://127.0.0.1:3001'),
    devices: readWhole('devices', values.devices ?? '2000', 1, 100_000),
    durationMs: readNumber('duration', values.duration ?? '60', 1, 86_400) * 1000,
    speed: readNumber('speed', values.speed ?? '1', 1, 3_600),
    seed: readLabel('seed', values.seed ?? defaults.seed),
    runId: readLabel('run-id', values['run-id'] ?? defaults.runId),
    concurrency: readWhole('concurrency', values.concurrency ?? '64', 1, 1_024),
    timeoutMs: readNumber('timeout', values.timeout ?? '10', 0.1, 120) * 1000,
    retries: readWhole('retries', values.retries ?? '6', 0, 50),
    loss: readNumber('loss', values.loss ?? '0.06', 0, 0.5),
    drainMs: readNumber('drain', values.drain ?? '30', 0, 600) * 1000,
    settleMs: readNumber('settle', values.settle ?? '10', 0, 600) * 1000,
    jwtSecret: readLabel('jwt-secret', values['jwt-secret'] ?? defaults.jwtSecret),
    adminRole: readLabel('admin-role', values['admin-role'] ?? 'admin'),
  };
}

function readArguments(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        url: { type: 'string' },
        devices: { type: 'string' },
        duration: { type: 'string' },
        speed: { type: 'string' },
        seed: { type: 'string' },
        'run-id': { type: 'string' },
        concurrency: { type: 'string' },
        timeout: { type: 'string' },
        retries: { type: 'string' },
        loss: { type: 'string' },
        drain: { type: 'string' },
        settle: { type: 'string' },
        'jwt-secret': { type: 'string' },
        'admin-role': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readUrl(text: string): URL {
  if (!URL.canParse(text)) throw new UsageError(`--url must be a URL, not ${text}`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new UsageError(`--url must be an http or https URL, not ${text}`);
  return url;
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

function readLabel(name: string, text: string): string {
  if (text.trim() === '') throw new UsageError(`--${name} must not be empty`);
  return text;
}
