import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';

import type { FaultTargets } from '../../tools/chaos/nemesis/fault-action.js';
import { ACTIONS } from '../../tools/chaos/nemesis/nemesis.js';
import type { FaultKind } from '../../tools/chaos/plan/fault-kinds.js';
import { KafkaStore } from '../../tools/chaos/stage/kafka-store.js';
import { PostgresStore } from '../../tools/chaos/stage/postgres-store.js';
import { ReplicaLinks } from '../../tools/chaos/stage/replica-links.js';
import { SingleRedis } from '../../tools/chaos/stage/single-redis.js';
import { canMount } from '../../tools/chaos/stage/small-disk.js';
import { sleep, waitFor } from '../support/processes.js';

const ANSWERS_WITHIN_MS = 1_500;
const PAUSED_FOR_MS = 4_000;
/** Fails at once for a fault that shows at the next request. */
const TRIES = 20;

/** A full disk needs the right to mount one. */
const DISK_KINDS: [FaultKind, RegExp][] = canMount()
  ? [['postgres.disk-full', /No space left|terminat|ended|ECONN|recovery/]]
  : [];

describe('the faults of a chaos run', () => {
  let targets: FaultTargets;

  beforeAll(async () => {
    const [postgres, redis, kafka] = await Promise.all([
      PostgresStore.start({ onSmallDisk: canMount() }),
      SingleRedis.start(),
      KafkaStore.start({ isApache: false }),
    ]);
    const links = [await ReplicaLinks.open({ postgres, redis, kafka })];
    targets = { postgres, pooler: undefined, redis, kafka, links, replicas: [] };
  }, 60_000);

  afterAll(async () => {
    await targets.links[0]!.stop();
    await Promise.all([targets.postgres.stop(), targets.redis.stop(), targets.kafka.stop()]);
  });

  it.each<[FaultKind, RegExp]>([
    ['postgres.crash', /ECONN|terminated|ended/],
    ['postgres.immediate', /ECONN|terminated|ended|shut/],
    ['postgres.restart', /ECONN|terminat|ended|shut/],
    ['postgres.smart', /shutting down/],
    ['postgres.freeze', /time/],
    ['postgres.freeze-postmaster', /time/],
    ['postgres.freeze-backends', /time/],
    ['postgres.kill-backend', /terminat|ended|ECONN|recovery/],
    ['postgres.terminate', /terminating connection due to administrator command/],
    ['postgres.cancel', /canceling statement due to user request/],
    ['postgres.read-only', /read-only transaction/],
    ['postgres.lock-log', /time/],
    ['postgres.lock-outbox', /time/],
    ['postgres.exhausted', /too many connections|terminat/],
    ...DISK_KINDS,
    ['postgres-link.cut', /ECONN|terminat|ended/],
    ['postgres-link.silent', /time/],
    ['postgres-link.black-hole', /time/],
  ])('%s breaks work on PostgreSQL until it is healed', async (kind, symptom) => {
    const open = await connectPostgres();
    await work(open);
    const heal = await ACTIONS[kind]({ stage: targets, replica: 0, durationMs: PAUSED_FOR_MS });
    const failures: string[] = [];
    for (let turn = 0; turn < TRIES && !failures.some((failure) => symptom.test(failure)); turn += 1) {
      const attempts = await Promise.allSettled([work(open), withPostgres(work)]);
      for (const attempt of attempts)
        if (attempt.status === 'rejected') failures.push(String(attempt.reason));
    }
    expect(failures).toContainEqual(expect.stringMatching(symptom));
    await heal();
    await open.end().catch(() => undefined);
    await waitFor(async () => withPostgres(work).then(() => true), 20_000);
  });

  it.each<[FaultKind, RegExp]>([
    ['kafka.freeze', /timed out/],
    ['kafka-link.cut', /ECONN|closed/i],
    ['kafka-link.black-hole', /timed out/],
  ])('%s breaks requests to the brokers until it is healed', async (kind, symptom) => {
    await askBroker();
    const heal = await ACTIONS[kind]({ stage: targets, replica: 0, durationMs: PAUSED_FOR_MS });
    await expect(askBroker()).rejects.toThrow(symptom);
    await heal();
    await waitFor(async () => askBroker().then(() => true), 20_000);
  });

  it.each<[FaultKind, RegExp]>([
    ['redis.crash', /ECONN|closed/],
    ['redis.stop', /ECONN|closed/],
    ['redis.freeze', /timed out/],
    ['redis.full', /OOM/],
    ['redis.read-only', /READONLY/],
    ['redis.pause', /timed out/],
    ['redis.drop-clients', /ECONN|closed/],
    ['redis-link.cut', /ECONN|closed/],
    ['redis-link.silent', /timed out/],
    ['redis-link.black-hole', /timed out/],
  ])('%s breaks writes to Redis until it is healed', async (kind, symptom) => {
    const open = connectRedis();
    await open.set('key', 'value');
    const heal = await ACTIONS[kind]({ stage: targets, replica: 0, durationMs: PAUSED_FOR_MS });
    const failures: string[] = [];
    for (let turn = 0; turn < TRIES && failures.length === 0; turn += 1) {
      await open.set('key', 'value').catch((error: unknown) => failures.push(String(error)));
      await sleep(50);
    }
    expect(failures).toContainEqual(expect.stringMatching(symptom));
    await heal();
    open.disconnect();
    await waitFor(async () => withRedis((client) => client.set('key', 'value')), 20_000);
  });

  it('redis.empty leaves no key', async () => {
    await withRedis((client) => client.set('key', 'value'));
    await ACTIONS['redis.empty']({ stage: targets, replica: 0, durationMs: 0 });
    expect(await withRedis((client) => client.dbsize())).toBe(0);
  });

  async function connectPostgres(): Promise<Client> {
    const client = new Client({
      connectionString: targets.links[0]!.settings['DATABASE_URL'],
      connectionTimeoutMillis: ANSWERS_WITHIN_MS,
      query_timeout: ANSWERS_WITHIN_MS,
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  async function withPostgres(action: (client: Client) => Promise<unknown>): Promise<void> {
    const client = await connectPostgres();
    try {
      await action(client);
    } finally {
      // A frozen server would not take leave.
      void client.end().catch(() => undefined);
    }
  }

  async function askBroker(): Promise<void> {
    const brokers = targets.links[0]!.settings['KAFKA_BROKERS']!.split(',');
    const times = { requestTimeout: ANSWERS_WITHIN_MS, connectionTimeout: ANSWERS_WITHIN_MS };
    const retry = { retries: 0 };
    const admin = new Kafka({ brokers, ...times, retry, logLevel: logLevel.NOTHING }).admin({ retry });
    try {
      await admin.connect();
      await admin.describeCluster();
    } finally {
      await admin.disconnect();
    }
  }

  function connectRedis(): Redis {
    const client = new Redis({
      host: '127.0.0.1',
      port: Number(targets.links[0]!.settings['REDIS_PORT']),
      commandTimeout: ANSWERS_WITHIN_MS,
      maxRetriesPerRequest: 0,
      retryStrategy: null,
    });
    client.on('error', () => undefined);
    return client;
  }

  async function withRedis<Result>(action: (client: Redis) => Promise<Result>): Promise<Result> {
    const client = connectRedis();
    try {
      return await action(client);
    } finally {
      client.disconnect();
    }
  }
});

/** Touches the tables that a fault may lock, and takes long enough to be cancelled. */
async function work(client: Client): Promise<void> {
  // Rows of several pages, for which a full disk has no room.
  await client.query(
    "INSERT INTO analytics_dau_pending (day) SELECT '2026-01-01' FROM generate_series(1, 1000)",
  );
  await client.query('SELECT count(*) FROM analytics_event_log');
  await client.query('SELECT count(*) FROM analytics_outbox');
  await client.query('SELECT pg_sleep(0.1)');
}
