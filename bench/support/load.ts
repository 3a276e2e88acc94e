import { endsWithin } from '../../src/shared/utils/timeout.util.js';
import { spawnTypeScript } from '../../test/support/processes.js';

const PROGRAMS = new URL('../programs/', import.meta.url);
/** Beyond the time that was asked for: starting, signing, connecting, the last answers. */
const GRACE_MS = 60_000;
const EXIT_MS = 10_000;
/** Who sends heartbeats again and again, each with a token of its own, as apps do every minute. */
export const HEARTBEAT_USERS = 10_000;

export type RequestKind = 'events' | 'heartbeat' | 'heartbeat-new-token' | 'online-count' | 'liveness';

export interface Load {
  readonly kind: RequestKind;
  /** Of what is counted (events, heartbeats, questions), in one request; only events come in batches. */
  readonly batchSize: number;
  readonly connections: number;
}

export interface LoadSpec extends Load {
  readonly url: string;
  readonly seconds: number;
  /** So many, however long that takes, instead of as many as `seconds` allow. */
  readonly requests?: number;
  /** The same requests, to a route that does nothing with them. */
  readonly toEmptyRoute: boolean;
}

export interface LoadResult {
  /** Answers 2xx. */
  readonly ok: number;
  /** Other answers, and how many there were of each status. */
  readonly refused: number;
  readonly refusedByStatus: Readonly<Record<string, number>>;
  /** No answer. */
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

export const generateLoad = (spec: LoadSpec): Promise<LoadResult> => run('generate-load.ts', spec);

export const insertRows = (spec: InsertSpec): Promise<InsertResult> => run('insert-rows.ts', spec);

export interface Listening {
  readonly url: string;
  stop(): Promise<unknown>;
}

export const startEmptyRoute = (): Promise<Listening> => listen('empty-route.ts');

export const startRoundRobin = (targets: readonly string[]): Promise<Listening> =>
  listen('round-robin.ts', JSON.stringify(targets));

async function listen(program: string, ...args: string[]): Promise<Listening> {
  const server = spawnTypeScript(new URL(program, PROGRAMS), args);
  const [, url = ''] = await server.line(/^Listening on (\S+)$/);
  return { url, stop: () => server.end() };
}

async function run<Result>(program: string, spec: { readonly seconds: number }): Promise<Result> {
  const child = spawnTypeScript(new URL(program, PROGRAMS), [JSON.stringify(spec)]);
  try {
    const [line] = await child.line(/^\{.*\}$/, spec.seconds * 1000 + GRACE_MS);
    if (!(await endsWithin(child.exited, EXIT_MS)))
      throw new Error(`${program} has a result and does not end`);
    const { code } = await child.exited;
    if (code !== 0) throw new Error(`${program} ended with ${code}; it wrote:\n${child.lines.join('\n')}`);
    return JSON.parse(line) as Result;
  } finally {
    await child.end('SIGKILL');
  }
}
