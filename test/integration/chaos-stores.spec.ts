import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cluster } from 'ioredis';
import { Client, type ClientConfig } from 'pg';

import { DatabaseConnection } from '../../src/infrastructure/persistence/prisma/database-connection.js';
import type { FaultTargets } from '../../tools/chaos/nemesis/fault-action.js';
import { ACTIONS } from '../../tools/chaos/nemesis/nemesis.js';
import type { FaultKind } from '../../tools/chaos/plan/fault-kinds.js';
import { KafkaStore } from '../../tools/chaos/stage/kafka-store.js';
import { PoolerStore } from '../../tools/chaos/stage/pooler-store.js';
import { PostgresStore } from '../../tools/chaos/stage/postgres-store.js';
import { RedisCluster } from '../../tools/chaos/stage/redis-cluster.js';
import { ReplicaLinks } from '../../tools/chaos/stage/replica-links.js';
import { sleep, waitFor } from '../support/processes.js';

const ANSWERS_WITHIN_MS = 1_500;
const HEALED_WITHIN_MS = 30_000;
/** Keys on all masters. */
const KEYS = Array.from({ length: 30 }, (_, index) => `key-${String(index)}`);

describe('the faults of a standby, a pooler and a cluster', () => {
  let targets: FaultTargets & { readonly pooler: PoolerStore; readonly redis: RedisCluster };

  beforeAll(async () => {
    const [postgres, redis, kafka] = await Promise.all([
      PostgresStore.start({ hasStandby: true }),
      RedisCluster.start(),
      KafkaStore.start({ isApache: false }),
    ]);
    const pooler = await PoolerStore.start(postgres);
    const links = [await ReplicaLinks.open({ postgres: pooler, redis, kafka })];
    targets = { postgres, pooler, redis, kafka, links, replicas: [] };
  }, 90_000);

  afterAll(async () => {
    await targets.links[0]!.stop();
    await targets.pooler.stop();
    await Promise.all([targets.postgres.stop(), targets.redis.stop(), targets.kafka.stop()]);
  });

  it.each<[FaultKind, RegExp]>([
    ['standby.crash', /time/],
    ['standby.freeze', /time/],
    ['pooler.crash', /ECONN|terminated|ended/],
    ['pooler.restart', /ECONN|terminat|ended|shut/],
    ['pooler.freeze', /time/],
  ])('%s breaks commits until it is healed', async (kind, symptom) => {
    await commit();
    const heal = await begin(kind);
    await expect(failureOf(commit)).resolves.toMatch(symptom);
    await heal();
    await waitFor(async () => commit().then(() => true), HEALED_WITHIN_MS);
  });

  it.each<FaultKind>(['postgres.promote', 'postgres.promote-silent'])(
    '%s leads to a server with everything that was committed, and commits wait for a new standby at the end',
    async (kind) => {
      await commit();
      const [stored, former] = [await countRows(), targets.postgres.port];
      const heal = await begin(kind);
      await waitFor(async () => commit().then(() => true), HEALED_WITHIN_MS);
      expect(targets.postgres.port).not.toBe(former);
      expect(await countRows()).toBeGreaterThan(stored);
      await heal();
      const { rows } = await targets.postgres.asOwner((client) =>
        client.query<{ sync_state: string }>('SELECT sync_state FROM pg_stat_replication'),
      );
      expect(rows).toEqual([{ sync_state: 'sync' }]);
    },
    60_000,
  );

  it('postgres.promote-behind loses commits that other clients take for done, and the service does not', async () => {
    await commit();
    const replicated = await countRows();
    const heal = await begin('postgres.promote-behind');
    await commit();
    await expect(commitAsService()).rejects.toThrow('no standby has the commit');
    expect(await countRows()).toBe(replicated + 2);
    await heal();
    expect(await countRows()).toBe(replicated);
    await waitFor(async () => commitAsService().then(() => true), HEALED_WITHIN_MS);
  }, 60_000);

  it('redis.reshard moves slots, and no key is lost', async () => {
    await withCluster((client) => Promise.all(KEYS.map((key) => client.set(key, key))));
    const before = await sizes();
    const heal = await begin('redis.reshard');
    await waitFor(async () => String(await sizes()) !== String(before));
    await heal();
    expect(await withCluster((client) => Promise.all(KEYS.map((key) => client.get(key))))).toEqual(KEYS);
  });

  it('redis.failover makes replicas the masters of their keys', async () => {
    const before = await masters();
    await begin('redis.failover');
    // A node may still tell its view of before.
    await waitFor(async () => String(await masters()) !== String(before), HEALED_WITHIN_MS);
  });

  it.each<[FaultKind, RegExp]>([
    ['redis.crash', /ECONN|closed|timed out|CLUSTERDOWN|refresh|None of startup/],
    ['redis.stop', /ECONN|closed|timed out|CLUSTERDOWN|refresh|None of startup/],
    ['redis.freeze', /timed out|CLUSTERDOWN|None of startup/],
    ['redis.full', /OOM/],
    ['redis.pause', /timed out|None of startup/],
    ['redis-link.black-hole', /timed out|refresh|None of startup/],
  ])(
    '%s breaks writes to a master until it is healed',
    async (kind, symptom) => {
      await waitFor(async () => writeAll().then(() => true), HEALED_WITHIN_MS);
      const heal = await begin(kind);
      await expect(failureOf(writeAll)).resolves.toMatch(symptom);
      await heal();
      await waitFor(async () => writeAll().then(() => true), HEALED_WITHIN_MS);
    },
    60_000,
  );

  function begin(kind: FaultKind): Promise<() => Promise<void>> {
    // A pause ends by itself, and must outlast the client's time limit on a busy machine.
    return ACTIONS[kind]({ stage: targets, replica: 0, durationMs: 10_000 });
  }

  /** Returns the text of a failure, which may come only with the second attempt. */
  async function failureOf(action: () => Promise<unknown>): Promise<string> {
    for (let turn = 0; turn < 20; turn += 1) {
      try {
        await action();
      } catch (error) {
        return String(error);
      }
      await sleep(50);
    }
    return 'no failure';
  }

  function commit(): Promise<void> {
    return commitOn(new Client(connection()));
  }

  /** Commits as the service does, on a connection that trusts no commit without its standby. */
  function commitAsService(): Promise<void> {
    const rules = { answerWithinMs: ANSWERS_WITHIN_MS, startupOptions: '', transactionSettings: null };
    return commitOn(new DatabaseConnection(connection(), rules));
  }

  function connection(): ClientConfig {
    return {
      connectionString: targets.links[0]!.settings['DATABASE_URL']!.replace('?pgbouncer=true', ''),
      connectionTimeoutMillis: ANSWERS_WITHIN_MS,
      query_timeout: ANSWERS_WITHIN_MS,
    };
  }

  async function commitOn(client: Client): Promise<void> {
    client.on('error', () => undefined);
    await client.connect();
    try {
      await client.query("INSERT INTO analytics_dau_pending (day) VALUES ('2026-01-01')");
    } finally {
      void client.end().catch(() => undefined);
    }
  }

  async function countRows(): Promise<number> {
    const { rows } = await targets.postgres.asOwner((client) =>
      client.query<{ count: number }>('SELECT count(*)::int AS count FROM analytics_dau_pending'),
    );
    return rows[0]?.count ?? 0;
  }

  async function withCluster<Result>(work: (client: Cluster) => Promise<Result>): Promise<Result> {
    const nodes = targets.redis.settings['REDIS_HOST']!.split(',').map((address) => {
      const [host, port] = address.split(':');
      return { host: host!, port: Number(port) };
    });
    const client = new Cluster(nodes, {
      clusterRetryStrategy: () => null,
      maxRedirections: 4,
      redisOptions: { commandTimeout: ANSWERS_WITHIN_MS, connectTimeout: ANSWERS_WITHIN_MS },
    });
    client.on('error', () => undefined);
    try {
      return await work(client);
    } finally {
      client.disconnect();
    }
  }

  function writeAll(): Promise<unknown> {
    return withCluster((client) => Promise.all(KEYS.map((key) => client.set(key, key))));
  }

  async function masters(): Promise<string[]> {
    return withCluster(async (client) => {
      await client.ping();
      return client
        .nodes('master')
        .map(({ options }) => String(options.port))
        .sort();
    });
  }

  async function sizes(): Promise<number[]> {
    return withCluster(async (client) => {
      await client.ping();
      return Promise.all(client.nodes('master').map((node) => node.dbsize()));
    });
  }
});
