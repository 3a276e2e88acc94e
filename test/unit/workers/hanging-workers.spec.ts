import cluster, { type Cluster } from 'node:cluster';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';

import { findFreePort } from '../../../src/free-port.js';
import { WorkerSupervisor } from '../../../src/worker-supervisor.js';
import { waitFor } from '../../support/processes.js';

const HOOKS = join(import.meta.dirname, '../../../tools/typescript/register-ts.mjs');
/** Five seconds: longer than a busy machine keeps a healthy worker from its turn. */
const SILENCE = { turnMs: 100, turns: 50 };
const BOUND_MS = 60_000;

/** Forks processes of a test instead of the program that runs. */
const processes: Pick<Cluster, 'fork' | 'setupPrimary'> = {
  setupPrimary: (settings) =>
    cluster.setupPrimary({
      ...settings,
      exec: join(import.meta.dirname, 'hanging-worker.ts'),
      execArgv: ['--no-warnings', '--import', HOOKS],
      args: [],
      silent: true,
    }),
  fork: (environment) => cluster.fork(environment),
};

let supervisor: WorkerSupervisor | undefined;
let errors: string[];

beforeEach(() => {
  errors = [];
  const ignore = (): void => undefined;
  Logger.overrideLogger({
    log: ignore,
    warn: ignore,
    debug: ignore,
    error: (message: unknown) => errors.push(String(message)),
  });
});

afterEach(async () => {
  supervisor?.announceStop('the test is over');
  await supervisor?.ended(5_000);
  Logger.overrideLogger(false);
});

/** Returns the worker that answers, or null where nobody does in time. */
async function ask(port: number): Promise<number | null> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2_000) });
    return Number(await response.text());
  } catch {
    return null;
  }
}

describe('a worker whose event loop is blocked', () => {
  it(
    'is killed and replaced on the same port',
    async () => {
      const port = await findFreePort('127.0.0.1');
      supervisor = new WorkerSupervisor({
        count: 1,
        level: 'error',
        environment: { PORT: String(port) },
        onGiveUp: () => undefined,
        silence: SILENCE,
        processes,
      });
      expect(await supervisor.start()).toBe(port);
      expect(await ask(port)).toBe(1);
      await waitFor(async () => (await ask(port)) === 2, BOUND_MS, { what: 'the second worker answers' });
      expect(errors).toEqual([
        expect.stringMatching(/^Worker 1 \(pid \d+\) has said nothing for 5 s: it hangs, and is killed$/),
        expect.stringMatching(/^Worker 1 \(pid \d+\) ended with SIGKILL; another one starts in 100 ms$/),
      ]);
    },
    2 * BOUND_MS,
  );
});
