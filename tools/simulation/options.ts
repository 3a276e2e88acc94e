import { parseArgs } from 'node:util';

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
  /** The probability that an answer is lost on purpose. */
  readonly loss: number;
  /** How long after the last step messages may still be retried. */
  readonly drainMs: number;
  /** How long the dashboard may take to show what was stored. */
  readonly settleMs: number;
  readonly jwtSecret: string;
  readonly adminRole: string;
}

/** The arguments make no sense: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Defaults {
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
  --drain S          seconds at the end for what is still on its way   (30)
  --settle S         seconds for the dashboard to catch up             (10)
  --jwt-secret TEXT  the service's JWT_SECRET        (JWT_SECRET, else the development secret)
  --admin-role TEXT  the role in the dashboard's token                 (admin)
  --help

Differences are taken between before and after, so the service may hold data; but nobody else may send to it
meanwhile. Exit code: 0 all checks hold, 1 one does not, 2 bad arguments or no service, 130 stopped by Ctrl-C.
`;

/** Undefined asks for the help text. */
export function parseOptions(argv: readonly string[], defaults: Defaults): SimulationOptions | undefined {
  const values = parse(argv);
  if (values.help === true) return undefined;
  return {
    url: urlOf(values.url ?? 'http://127.0.0.1:3001'),
    devices: whole('devices', values.devices ?? '2000', 1, 100_000),
    durationMs: number('duration', values.duration ?? '60', 1, 86_400) * 1000,
    speed: number('speed', values.speed ?? '1', 1, 3_600),
    seed: label('seed', values.seed ?? defaults.seed),
    runId: label('run-id', values['run-id'] ?? defaults.runId),
    concurrency: whole('concurrency', values.concurrency ?? '64', 1, 1_024),
    timeoutMs: number('timeout', values.timeout ?? '10', 0.1, 120) * 1000,
    retries: whole('retries', values.retries ?? '6', 0, 50),
    loss: number('loss', values.loss ?? '0.06', 0, 0.5),
    drainMs: number('drain', values.drain ?? '30', 0, 600) * 1000,
    settleMs: number('settle', values.settle ?? '10', 0, 600) * 1000,
    jwtSecret: label('jwt-secret', values['jwt-secret'] ?? defaults.jwtSecret),
    adminRole: label('admin-role', values['admin-role'] ?? 'admin'),
  };
}

function parse(argv: readonly string[]) {
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

function urlOf(text: string): URL {
  if (!URL.canParse(text)) throw new UsageError(`--url is no URL: ${text}`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new UsageError(`--url must be http(s): ${text}`);
  return url;
}

function number(name: string, text: string, low: number, high: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!(value >= low && value <= high)) {
    throw new UsageError(`--${name} must be a number from ${String(low)} to ${String(high)}, not ${text}`);
  }
  return value;
}

function whole(name: string, text: string, low: number, high: number): number {
  const value = number(name, text, low, high);
  if (!Number.isInteger(value)) throw new UsageError(`--${name} must be a whole number, not ${text}`);
  return value;
}

function label(name: string, text: string): string {
  if (text.trim() === '') throw new UsageError(`--${name} must not be empty`);
  return text;
}
