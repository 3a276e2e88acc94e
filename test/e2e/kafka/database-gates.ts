import { OwnerDatabase } from '../../support/owner-database.js';
import { waitFor } from '../../support/processes.js';
import type { Stage } from './stage.js';
import { ARRIVAL_MS } from './topics.js';

/** Blocks statements of the service until it is opened; see {@link blockWrites}. */
export interface Gate {
  waiting(): Promise<number>;
  open(): Promise<void>;
}

/** Blocks every statement of one kind on a table before it writes, except the probe of readiness. */
export async function blockWrites(
  stage: Stage,
  operation: 'INSERT' | 'UPDATE',
  table: 'analytics_event_log' | 'analytics_outbox_lanes',
): Promise<Gate> {
  const keeper = await OwnerDatabase.connect(stage.database.ownerUrl);
  await keeper.rows('SELECT pg_advisory_lock(4711)');
  await stage.owner.rows(`
    CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
      IF current_query() NOT LIKE '%analytics_probe_write%' THEN PERFORM pg_advisory_xact_lock_shared(4711); END IF;
      RETURN NULL;
    END $$`);
  await stage.owner.rows(
    `CREATE TRIGGER gate BEFORE ${operation} ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION gate()`,
  );
  return {
    waiting: () =>
      stage.number(
        `SELECT count(*)::int FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
         WHERE datname = current_database() AND locktype = 'advisory' AND objid = 4711 AND NOT granted`,
      ),
    open: () => keeper.close(),
  };
}

/** Holds the outbox lanes during the work, so that no relay publishes and all events wait. */
export async function whileLanesAreHeld(stage: Stage, work: () => Promise<void>): Promise<void> {
  const keeper = await OwnerDatabase.connect(stage.database.ownerUrl);
  await keeper.rows('BEGIN');
  await keeper.rows('SELECT lane FROM analytics_outbox_lanes FOR UPDATE');
  await work();
  await keeper.close();
}

/** Waits until PostgreSQL has ended every connection and statement of a killed service. */
export async function waitForDisconnect(stage: Stage): Promise<void> {
  await waitFor(async () => (await countConnections(stage)) === 0, ARRIVAL_MS, {
    what: 'the connections of the killed service end',
  });
}

const countConnections = (stage: Stage): Promise<number> =>
  stage.number(`SELECT count(*)::int FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'analytics-presence-service'`);
