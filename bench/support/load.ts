import { endsWithin } from '../../src/shared/utils/timeout.util.js';
import { spawnTypeScript } from '../../test/support/processes.js';

const PROGRAMS = new URL('../programs/', import.meta.url);
/** The extra time to start, sign tokens, connect and read the last responses. */
const GRACE_MS = 60_000;
const EXIT_MS = 10_000;
/** The users whom gateways report in turn; so many that none is reported twice in a second. */
export const GATEWAY_USERS = 200_000;
/** The key of the internal API, by which gateways are known. */
export const INTERNAL_KEY = 'the-key-of-the-gateways-of-the-benchmark';
/** The users who send heartbeats repeatedly, each with one token, as apps do every minute. */
export const HEARTBEAT_USERS = 10_000;

export type RequestKind =
  'events' | 'gateway' | 'heartbeat' | 'heartbeat-new-token' | 'online-count' | 'liveness';

export interface Load {
  readonly kind: RequestKind;
  /** Counted units per request: events and heartbeats of gateways come in batches, the others are 1. */
  readonly batchSize: number;
  readonly connections: number;
}

export interface LoadSpec extends Load {
  readonly url: string;
  readonly seconds: number;
  /** A fixed number of requests, which replaces the limit of `seconds`. */
  readonly requests?: number;
  /** Sends the same requests to a route that ignores them. */
  readonly toEmptyRoute: boolean;
}

export interface LoadResult {
  /** The number of 2xx responses. */
  readonly ok: number;
  /** The number of other responses, in total and by status. */
  readonly refused: number;
  readonly refusedByStatus: Readonly<Record<string, number>>;
  /** The number of requests without a response. */
  readonly errors: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly generatorCpuSeconds: number;
}

export interface InsertSpec {
  readonly databaseUrl: string;
  readonly connections: number;
  readonly seconds: number;
}

export interface InsertResult {
  readonly rows: number;
  readonly seconds: number;
}

export const generateLoad = (spec: LoadSpec): Promise<LoadResult> => runProgram('generate-load.ts', spec);

export const insertRows = (spec: InsertSpec): Promise<InsertResult> => runProgram('insert-rows.ts', spec);

export interface RunningProgram {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<unknown>;
}

export const startEmptyRoute = (): Promise<RunningProgram> => startProgram('empty-route.ts');

export const startPushServer = (): Promise<RunningProgram> => startProgram('push-frames.ts');

export const startRoundRobin = (targets: readonly string[]): Promise<RunningProgram> =>
  startProgram('round-robin.ts', JSON.stringify(targets));

export async function startProgram(program: string, ...args: string[]): Promise<RunningProgram> {
  const server = spawnTypeScript(new URL(program, PROGRAMS), args);
  const [, url = ''] = await server.line(/^Listening on (\S+)$/);
  return { url, pid: server.pid, stop: () => server.end() };
}

async function runProgram<Result>(program: string, spec: { readonly seconds: number }): Promise<Result> {
  const child = spawnTypeScript(new URL(program, PROGRAMS), [JSON.stringify(spec)]);
  try {
    const [line] = await child.line(/^\{.*\}$/, spec.seconds * 1000 + GRACE_MS);
    if (!(await endsWithin(child.exited, EXIT_MS)))
      throw new Error(`${program} wrote its result and did not exit within ${EXIT_MS} ms`);
    const { code } = await child.exited;
    if (code !== 0) throw new Error(`${program} exited with ${code}; its output:\n${child.lines.join('\n')}`);
    return JSON.parse(line) as Result;
  } finally {
    await child.end('SIGKILL');
  }
}
