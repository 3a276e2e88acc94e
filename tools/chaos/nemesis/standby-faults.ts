import type { PostgresServer } from '../../../test/support/postgres.js';
import { signalServer, type PostgresStore } from '../stage/postgres-store.js';
import { repeat, type FaultAction } from './fault-action.js';

const CANCELLED_EVERY_MS = 50;
const CANCEL_WAITING = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

/** Faults of PostgreSQL whose commits wait for a standby. */
export const STANDBY_FAULTS = {
  'postgres.promote': async ({ stage: { postgres } }) => {
    await postgres.end('SIGKILL');
    await postgres.promote();
    return () => postgres.replaceStandby();
  },
  // Open connections to the former primary stay open and silent.
  'postgres.promote-silent': async ({ stage: { postgres } }) => {
    await postgres.signal('SIGSTOP', true);
    await postgres.promote();
    return () => postgres.replaceStandby();
  },
  // A cancelled wait looks like a success: the commit is on the primary alone, and is lost with it. The standby is
  // killed, because a frozen one would still read what its connection has received.
  'postgres.promote-behind': async ({ stage: { postgres } }) => {
    const standby = standbyOf(postgres);
    await standby.kill();
    const client = await postgres.connectAsOwner();
    const stopCancelling = repeat(CANCELLED_EVERY_MS, () => client.query(CANCEL_WAITING));
    let isPromoted = false;
    return async () => {
      await stopCancelling();
      await client.end().catch(() => undefined);
      if (!isPromoted) {
        await postgres.end('SIGKILL');
        await standby.restart();
        await postgres.promote();
        isPromoted = true;
      }
      await postgres.replaceStandby();
    };
  },
  'standby.crash': async ({ stage: { postgres } }) => {
    const standby = standbyOf(postgres);
    await standby.kill();
    return () => standby.restart();
  },
  'standby.freeze': async ({ stage: { postgres } }) => {
    const { pid } = standbyOf(postgres);
    await signalServer(pid, 'SIGSTOP', true);
    return () => signalServer(pid, 'SIGCONT', true);
  },
} as const satisfies Record<string, FaultAction>;

function standbyOf({ standby }: PostgresStore): PostgresServer {
  if (standby === undefined) throw new Error('PostgreSQL has no standby');
  return standby;
}
