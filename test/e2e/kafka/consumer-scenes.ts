import { expect } from '@jest/globals';

import { event } from '../../support/events.js';
import { expectProblem } from '../../support/expect-problem.js';
import { postJson } from '../../support/http.js';
import { OwnerDatabase } from '../../support/owner-database.js';
import { waitFor } from '../../support/processes.js';
import { testServices } from '../../support/services.js';
import { accounts, consumed, deadLetters, expectRecorded, recorded } from './accounts.js';
import { blockWrites, waitForDisconnect } from './database-gates.js';
import { metric } from './requests.js';
import type { Stage } from './stage.js';
import { ARRIVAL_MS } from './topics.js';

/** Kills one consumer before its transaction, and another one between its transaction and its offset commit. */
export async function killConsumerAroundCommit(stage: Stage): Promise<void> {
  const total = 3_000;
  await stage.createIdentityTopic();
  await stage.produce(accounts(0, total));

  const held = await blockWrites(stage, 'INSERT', 'analytics_event_log');
  const first = await stage.start();
  await waitFor(async () => (await held.waiting()) > 0, ARRIVAL_MS, { what: 'the first service is at work' });
  await stage.kill(first);
  await waitForDisconnect(stage);
  await held.open();
  expect(await stage.accounts()).toEqual([]);
  expect(await stage.committed()).toEqual([0, 0, 0, 0]);

  // The gate becomes a delay, so that Kafka can be cut off during a transaction that succeeds.
  await stage.owner.rows(`
      CREATE OR REPLACE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN
        IF current_query() NOT LIKE '%analytics_probe_write%' THEN PERFORM pg_sleep(0.4); END IF;
        RETURN NULL;
      END $$`);
  const second = await stage.start();
  await waitFor(
    () =>
      stage.number(`SELECT count(*)::int FROM pg_stat_activity
                      WHERE datname = current_database() AND wait_event = 'PgSleep'`),
    ARRIVAL_MS,
    { what: 'the second service is at work', intervalMs: 10 },
  );
  stage.kafka.interrupt();
  await waitFor(() => stage.number('SELECT count(*)::int FROM analytics_event_log'), ARRIVAL_MS, {
    what: 'work is done',
    intervalMs: 10,
  });
  await stage.kill(second);
  await stage.owner.rows('DROP TRIGGER gate ON analytics_event_log');
  stage.kafka.restore();

  const third = await stage.start();
  await expectRecorded(stage, recorded(0, total));
  expect(await deadLetters(stage)).toBe(0);
  await stage.stop(third);
}

/** Makes the database fail for the service, and repairs it. */
interface Outage {
  begin(stage: Stage, server: OwnerDatabase): Promise<void>;
  end(stage: Stage, server: OwnerDatabase): Promise<void>;
}

const refusedConnections: Outage = {
  begin: async ({ database: { name } }, server) => {
    await server.rows(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`);
    await server.rows(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = $1 AND application_name = 'analytics-presence-service'`,
      [name],
    );
  },
  end: async ({ database: { name } }, server) => {
    await server.rows(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`);
  },
};

const revokedPrivileges: Outage = {
  begin: async ({ owner }) => {
    await owner.rows('REVOKE INSERT ON analytics_event_log FROM analytics_service');
  },
  end: async ({ owner }) => {
    await owner.rows('GRANT INSERT ON analytics_event_log TO analytics_service');
  },
};

/** Refuses connections to the database while accounts arrive. */
export function refuseConnections(stage: Stage): Promise<void> {
  return consumeThroughOutage(stage, refusedConnections);
}

/** Revokes the privileges of the service while accounts arrive. */
export function revokePrivileges(stage: Stage): Promise<void> {
  return consumeThroughOutage(stage, revokedPrivileges);
}

async function consumeThroughOutage(stage: Stage, outage: Outage): Promise<void> {
  const server = await OwnerDatabase.connect(testServices().databaseUrl);
  try {
    await stage.createIdentityTopic();
    const service = await stage.start();
    await stage.produce(accounts(0, 50, 0));
    await expectRecorded(stage, recorded(0, 50));
    await outage.begin(stage, server);
    try {
      await stage.produce(accounts(50, 250, 0));
      // The bound exceeds the attempts that an error of unknown cause gets before it becomes a dead letter.
      await waitFor(
        async () =>
          (await metric(service, 'analytics_consumer_retries_total')) +
            (await consumed(stage, service, 'dead_lettered')) >=
          5,
        ARRIVAL_MS,
        { what: 'the next message is tried five times', intervalMs: 100 },
      );
      expect(await deadLetters(stage)).toBe(0);
      const answer = await postJson(`${service.url}/analytics/events`, { events: [event()] });
      expectProblem(answer, 503, 'database_unavailable');
    } finally {
      await outage.end(stage, server);
    }
    await expectRecorded(stage, recorded(0, 250));
    expect(await deadLetters(stage)).toBe(0);
    expect(await consumed(stage, service, 'handled')).toBe(250);
    await stage.stop(service);
  } finally {
    await server.close();
  }
}
