import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from './database.js';
import { openReplica, type Replica } from './persistence.js';
import { openSql, type Sql } from './sql.js';

/** A database without active users, with replicas of the service's adapters. */
export interface ActivesStage {
  readonly database: TestDatabase;
  readonly owner: Sql;
  readonly replicas: readonly Replica[];
}

/** Everything that the service stores of active users, but for the log, which no TRUNCATE may touch. */
const TABLES = [
  ...['daily_actives', 'dau_pending', 'daily_active_users', 'erased_actives', 'dropped_days'],
  ...['identities', 'identity_counters', 'identity_blocks', 'active_days', 'active_bits', 'place_actives'],
  ...['active_weeks', 'week_bits', 'week_places'],
].map((table) => `analytics_${table}`);

/**
 * Opens a database for the tests of a file, and empties it before each of them.
 *
 * @param create makes the database; by default one of a cluster when the run tests on one
 */
export function useActives(
  replicas: number,
  assign: (stage: ActivesStage) => void,
  create: () => Promise<TestDatabase> = createTestDatabase,
): void {
  let stage: ActivesStage | undefined;

  beforeAll(async () => {
    const database = await create();
    stage = {
      database,
      owner: await openSql(database.ownerUrl),
      replicas: Array.from({ length: replicas }, () => openReplica(database.serviceUrl)),
    };
    assign(stage);
  });

  beforeEach(async () => {
    if (stage !== undefined) await emptyActives(stage.owner);
  });

  afterAll(async () => {
    if (stage === undefined) return;
    await Promise.all([...stage.replicas.map((replica) => replica.close()), stage.owner.close()]);
    await stage.database.drop();
  });
}

async function emptyActives(owner: Sql): Promise<void> {
  await owner.rows("SET session_replication_role = 'replica'");
  await owner.rows('DELETE FROM analytics_event_log');
  await owner.rows("SET session_replication_role = 'origin'");
  await owner.rows(`TRUNCATE ${TABLES.join()}`);
}
