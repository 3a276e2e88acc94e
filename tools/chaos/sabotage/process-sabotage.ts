import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../../../test/support/processes.js';
import type { SabotageContext, SeededFault } from './sabotage.js';

const CRASHES_AFTER_MS = 8_000;
const STARTS_WITHIN_MS = 60_000;
const LEAK_PRELOAD = new URL('leak-preload.mjs', import.meta.url);
const FLOOD_LINES = 1_000;
/** The last replica; the sabotage of answers is committed by the first. */
const VICTIM = -1;

/** Faults of the processes. */
export const PROCESS_SABOTAGE: readonly SeededFault[] = [
  // The first, because a replica starts anew for it before the load.
  {
    commits: 'keeps what it should forget',
    checks: ['memory is flat'],
    begin: async ({ stage: { replicas } }) => {
      const [replica] = replicas;
      if (replica === undefined) return;
      replica.preload(LEAK_PRELOAD);
      await replica.stop();
      await replica.start();
      await waitUntilReady(replica.url);
    },
  },
  {
    commits: 'crashes',
    checks: ['no replica ends by itself'],
    begin: async (context) => {
      setTimeout(() => {
        killVictim(context);
      }, CRASHES_AFTER_MS);
    },
  },
  {
    commits: 'does not end by itself on SIGTERM',
    checks: ['SIGTERM ends a replica with exit code 0'],
    afterLoad: async (context) => {
      const replica = context.stage.replicas.at(VICTIM);
      if (replica === undefined) return;
      await waitUntilReady(replica.url);
      const stopped = replica.stop();
      killVictim(context);
      await stopped;
      await replica.start();
      await waitUntilReady(replica.url);
    },
  },
  {
    commits: 'floods its log',
    checks: ['log lines are bounded'],
    afterLoad: async ({ directory }) => {
      const line = JSON.stringify({ time: new Date().toISOString(), message: 'flood' });
      appendFileSync(join(directory, 'replica-0.log'), `${line}\n`.repeat(FLOOD_LINES));
    },
  },
];

function killVictim({ stage }: SabotageContext): void {
  const pid = stage.replicas.at(VICTIM)?.pid;
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
}

async function waitUntilReady(url: string): Promise<void> {
  const isReady = async (): Promise<boolean> => {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    return ((await response.json()) as { readonly status?: unknown }).status === 'ok';
  };
  await waitFor(isReady, STARTS_WITHIN_MS, { what: 'the replica is ready again', intervalMs: 250 });
}
