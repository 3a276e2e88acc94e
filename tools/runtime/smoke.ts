import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSecret } from '../image/secret.js';
import { exerciseService } from '../image/service-requests.js';
import { CheckFailedError } from '../support/check-steps.js';
import { freePort } from '../support/free-port.js';
import { hostEnvironment } from '../support/host-environment.js';
import { describeExit, lastOutput, startProcess, waitForExit } from '../support/processes.js';
import { waitUntilReady } from '../support/wait-until-ready.js';

const MAIN = join(import.meta.dirname, '../../dist/src/main.js');
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 22_000;

/**
 * Uses the built service on a Node: start with an embedded PostgreSQL, event, heartbeat, figures, SIGTERM.
 *
 * @throws CheckFailedError when one of them fails
 */
export async function useService(node: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'analytics-runtime-'));
  const [port, jwtSecret] = [await freePort(), makeSecret()];
  const service = startProcess(node, ['--max-old-space-size=512', MAIN], {
    // Its own directory has no .env.
    cwd: directory,
    env: {
      PATH: hostEnvironment()['PATH'],
      HOME: hostEnvironment()['HOME'],
      PORT: String(port),
      JWT_SECRET: jwtSecret,
      EMBEDDED_POSTGRES_DIRECTORY: join(directory, 'postgres'),
      EMBEDDED_POSTGRES_PORT: '0',
    },
  });
  try {
    const url = `http://127.0.0.1:${port}`;
    await waitUntilReady(url, service, { timeoutMs: READY_TIMEOUT_MS, status: 'ok' });
    await exerciseService(url, jwtSecret);
    service.signal('SIGTERM');
    const exit = await waitForExit(service, STOP_TIMEOUT_MS);
    if (exit !== 0) throw new CheckFailedError(`The service ended with ${describeExit(exit)}`);
  } catch (error) {
    console.error(`The service wrote:\n${lastOutput(service)}`);
    throw error;
  } finally {
    service.killGroup();
    rmSync(directory, { recursive: true, force: true });
  }
}
