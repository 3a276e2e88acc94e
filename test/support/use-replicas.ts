import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';

import { NOON } from './builders.js';
import { FixedClock } from './contracts/clock/fake.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { openReplica, type Replica } from './persistence.js';
import { openSql, type Sql } from './sql.js';

/** Holds the database of a test file and the replicas of one test. */
export interface ReplicaStage {
  readonly database: TestDatabase;
  /** the owner's connection, which sees every table */
  readonly owner: Sql;
  readonly clock: FixedClock;
  readonly replicas: readonly Replica[];
}

/**
 * Gives each test of the file new replicas on one database, because a replica caches the days it has seen and marked.
 *
 * @param assign runs before each test, after its replicas were opened
 */
export function useReplicas(count: number, assign: (stage: ReplicaStage) => void): void {
  let database: TestDatabase;
  let owner: Sql;
  let replicas: readonly Replica[];

  beforeAll(async () => {
    database = await createTestDatabase();
    owner = await openSql(database.ownerUrl);
  });

  beforeEach(() => {
    const clock = new FixedClock(NOON);
    replicas = Array.from({ length: count }, () => openReplica(database.serviceUrl, clock));
    assign({ database, owner, clock, replicas });
  });

  afterEach(async () => {
    await Promise.all(replicas.map((replica) => replica.close()));
  });

  afterAll(async () => {
    await owner.close();
    await database.drop();
  });
}
