import { signalIfRunning } from '../stage/process-tree.js';
import { NOTHING_TO_HEAL, type FaultAction } from './fault-action.js';

/** Faults of the processes of PostgreSQL. */
export const POSTGRES_PROCESS_FAULTS = {
  'postgres.crash': endWith('SIGKILL'),
  'postgres.immediate': endWith('SIGQUIT'),
  'postgres.restart': endWith('SIGINT'),
  // PostgreSQL waits until its clients have left, which a pool never does by itself.
  'postgres.smart': async ({ stage: { postgres } }) => {
    await postgres.signal('SIGTERM', false);
    return async () => {
      await postgres.end('SIGINT');
      await postgres.startAgain();
    };
  },
  'postgres.freeze': freeze(true),
  'postgres.freeze-postmaster': freeze(false),
  'postgres.freeze-backends': async ({ stage: { postgres } }) => {
    const backends = await postgres.serviceBackends();
    for (const pid of backends) signalIfRunning(pid, 'SIGSTOP');
    return async () => {
      for (const pid of backends) signalIfRunning(pid, 'SIGCONT');
    };
  },
  // The postmaster then ends all other backends and recovers as after a crash.
  'postgres.kill-backend': async ({ stage: { postgres } }) => {
    const [pid] = await postgres.serviceBackends();
    if (pid !== undefined) signalIfRunning(pid, 'SIGKILL');
    return NOTHING_TO_HEAL;
  },
  // The disk is freed before the server starts again, which ends when it finds no room for its WAL.
  'postgres.disk-full': async ({ stage: { postgres } }) => {
    await postgres.fillDisk();
    return () => postgres.freeDisk();
  },
} as const satisfies Record<string, FaultAction>;

function endWith(signal: 'SIGKILL' | 'SIGQUIT' | 'SIGINT'): FaultAction {
  return async ({ stage: { postgres } }) => {
    await postgres.end(signal);
    return () => postgres.startAgain();
  };
}

function freeze(everyProcess: boolean): FaultAction {
  return async ({ stage: { postgres } }) => {
    await postgres.signal('SIGSTOP', everyProcess);
    return () => postgres.signal('SIGCONT', everyProcess);
  };
}
