import type { PoolerStore } from '../stage/pooler-store.js';
import type { FaultAction, FaultContext } from './fault-action.js';

/** Faults of PgBouncer. */
export const POOLER_FAULTS = {
  'pooler.crash': end('SIGKILL'),
  // It closes all connections at once; SIGINT would let transactions end first.
  'pooler.restart': end('SIGTERM'),
  'pooler.freeze': async (context) => {
    const pooler = poolerOf(context);
    pooler.signal('SIGSTOP');
    return async () => {
      pooler.signal('SIGCONT');
    };
  },
} as const satisfies Record<string, FaultAction>;

function end(signal: 'SIGKILL' | 'SIGTERM'): FaultAction {
  return async (context) => {
    const pooler = poolerOf(context);
    pooler.signal(signal);
    return () => pooler.startAgain();
  };
}

function poolerOf({ stage: { pooler } }: FaultContext): PoolerStore {
  if (pooler === undefined) throw new Error('Replicas reach PostgreSQL without a pooler');
  return pooler;
}
