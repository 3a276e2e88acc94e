import { afterAll, beforeAll } from '@jest/globals';

import { describeDailyActiveStatsRepository } from '../support/contracts/daily-active-stats-repository/contract.js';
import { describeEventLogRepository } from '../support/contracts/event-log-repository/contract.js';
import { clusterUrl } from '../support/citus/cluster.js';
import { createDistributedDatabase, type TestDatabase } from '../support/database.js';
import { openDistributedReplica, type Replica } from '../support/persistence.js';
import { openSql, type Sql } from '../support/sql.js';

const ADAPTER = clusterUrl() === null ? 'distributed tables on one server' : 'Citus';

let database: TestDatabase;
let owner: Sql;
let replica: Replica;
let other: Replica;

beforeAll(async () => {
  database = await createDistributedDatabase();
  owner = await openSql(database.ownerUrl);
  replica = openDistributedReplica(database.serviceUrl);
  other = openDistributedReplica(database.serviceUrl);
}, 60_000);

afterAll(async () => {
  await Promise.all([replica.close(), other.close(), owner.close()]);
  await database.drop();
});

describeEventLogRepository(ADAPTER, async () => ({
  open: () => replica,
  close: async () => {},
}));

describeDailyActiveStatsRepository(ADAPTER, async () => ({
  open: () => [replica.stats, other.stats],
  release: () => owner.rows('DELETE FROM analytics_daily_active_users'),
  close: async () => {},
}));
