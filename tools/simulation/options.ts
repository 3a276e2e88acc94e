import { helpOf } from '../../src/cli/support/command-help.js';
import type { CommandDefinition, GivenArguments } from '../../src/cli/support/command-definition.js';
import { parseCommandLine } from '../../src/cli/support/command-line.js';
import { UsageError } from '../../src/cli/support/usage-error.js';
import { readLabel, readNumber, readWhole } from '../support/option-values.js';

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

type GivenOptions = Omit<SimulationOptions, keyof OptionDefaults> & Partial<OptionDefaults>;

export const SIMULATE: CommandDefinition<GivenOptions> = {
  name: 'simulate',
  summary: 'Runs a crowd of simulated devices against a running service, and checks every number it answers.',
  options: {
    url: { value: 'URL', help: 'the service (http://127.0.0.1:3001)' },
    devices: { value: 'N', help: 'installs, 1 to 100000 (2000)' },
    duration: { value: 'S', help: 'seconds of real time, up to 86400 (60)' },
    speed: { value: 'N', help: 'devices live N times faster, 1 to 3600; timestamps stay real (1)' },
    seed: { value: 'TEXT', help: 'same seed and run id: same crowd (random, printed)' },
    'run-id': { value: 'TEXT', help: 'makes installs, users and events new (from the time of the start)' },
    concurrency: { value: 'N', help: 'requests in flight, 1 to 1024 (64)' },
    timeout: { value: 'S', help: 'seconds until a request is given up (10)' },
    retries: { value: 'N', help: 'tries after the first for a failed request (6)' },
    loss: { value: 'P', help: 'share of answers lost on purpose, 0 to 0.5 (0.06)' },
    drain: { value: 'S', help: 'seconds at the end for in-flight messages (30)' },
    settle: { value: 'S', help: 'seconds for the dashboard to catch up (10)' },
    'jwt-secret': {
      value: 'TEXT',
      help: "the service's JWT_SECRET (JWT_SECRET, else the development secret)",
    },
    'admin-role': { value: 'TEXT', help: "the role in the dashboard's token (admin)" },
  },
  examples: ['--devices=2000 --duration=60'],
  notes: [
    'The checks compare the figures before and after the run, so the service may hold data, but no other client may send',
    'to it during the run. Exit code: 0 all checks hold, 1 one does not, 2 wrong arguments or no service, 130 Ctrl-C.',
  ],
  read: readOptions,
};

export const HELP = helpOf(SIMULATE);

/**
 * @returns undefined when the help text is wanted
 * @throws UsageError when an argument is unknown or out of range
 */
export function parseOptions(
  argv: readonly string[],
  defaults: OptionDefaults,
): SimulationOptions | undefined {
  const commandLine = parseCommandLine(SIMULATE, argv);
  return commandLine.help === null ? { ...defaults, ...commandLine.given } : undefined;
}

function readOptions(given: GivenArguments): GivenOptions {
  const text = (name: string, otherwise: string): string => given.text(name) ?? otherwise;
  const labels = Object.entries({ seed: 'seed', runId: 'run-id', jwtSecret: 'jwt-secret' }).flatMap(
    ([key, name]) => {
      const value = given.text(name);
      return value === undefined ? [] : [[key, readLabel(name, value)] as const];
    },
  );
  return {
    url: readUrl(text('url', 'http://127.0.0.1:3001')),
    devices: readWhole('devices', text('devices', '2000'), 1, 100_000),
    durationMs: readNumber('duration', text('duration', '60'), 1, 86_400) * 1000,
    speed: readNumber('speed', text('speed', '1'), 1, 3_600),
    concurrency: readWhole('concurrency', text('concurrency', '64'), 1, 1_024),
    timeoutMs: readNumber('timeout', text('timeout', '10'), 0.1, 120) * 1000,
    retries: readWhole('retries', text('retries', '6'), 0, 50),
    loss: readNumber('loss', text('loss', '0.06'), 0, 0.5),
    drainMs: readNumber('drain', text('drain', '30'), 0, 600) * 1000,
    settleMs: readNumber('settle', text('settle', '10'), 0, 600) * 1000,
    adminRole: readLabel('admin-role', text('admin-role', 'admin')),
    ...Object.fromEntries(labels),
  };
}

function readUrl(text: string): URL {
  if (!URL.canParse(text)) throw new UsageError(`--url must be a URL, not ${text}`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new UsageError(`--url must be an http or https URL, not ${text}`);
  return url;
}
