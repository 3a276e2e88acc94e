import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { PresenceRedisRepository } from '../../src/infrastructure/redis/presence-redis.repository.js';
import { RedisProbe } from '../../src/infrastructure/redis/redis-probe.js';
import type { RedisService } from '../../src/infrastructure/redis/redis.service.js';
import { expectUnavailable } from '../support/failures.js';
import { waitFor } from '../support/processes.js';
import { RECOVERY_MS, waitForRecovery } from '../support/recovery.js';
import { startRedisCluster, type TestCluster } from '../support/redis-cluster.js';
import { configOf, connectRedis } from '../support/redis-config.js';
import { playRedis } from '../support/redis-peer.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);
jest.setTimeout(60_000);

const SHARDS = 12;
const T = 1_750_000_000;

let cluster: TestCluster;
let service: RedisService;
let presence: PresenceRedisRepository;

beforeAll(async () => {
  cluster = await startRedisCluster();
});

beforeEach(async () => {
  service = await connectRedis({ ...configOf(cluster.nodes[0]!.proxy), cluster: true });
  presence = new PresenceRedisRepository(service, SHARDS);
  await waitFor(async () => (await availableShards()) === SHARDS, RECOVERY_MS);
});

afterEach(() => service.onApplicationShutdown());

afterAll(() => cluster?.stop());

/** Writes a heartbeat to each shard. @returns how many shards took it */
async function availableShards(): Promise<number> {
  const users = Array.from({ length: SHARDS }, (_, i) => BigInt(i + 1));
  const written = await Promise.allSettled(users.map((user) => presence.updateUserPresence(user, T)));
  return written.filter(({ status }) => status === 'fulfilled').length;
}

function check(): Promise<void> {
  // A new probe shares no earlier result.
  return new RedisProbe(service).check();
}

async function expectRecovery(): Promise<void> {
  await waitForRecovery(async () => (await availableShards()) === SHARDS, {
    what: 'every shard takes heartbeats again',
  });
  await check();
}

describe('a Redis Cluster', () => {
  it.each([0, 1, 2])('replaces the silent connection to node %s while new ones work', async (index) => {
    const { proxy } = cluster.nodes[index]!;
    await check();
    proxy.silence();
    expect(await availableShards()).toBeLessThan(SHARDS);
    await expectRecovery();
  });

  it('replaces silent connections to all nodes', async () => {
    for (const { proxy } of cluster.nodes) proxy.silence();
    expect(await availableShards()).toBe(0);
    await expectRecovery();
  });

  it.each([0, 1, 2])('with a frozen node %s is down, and its other shards take heartbeats', async (index) => {
    const { server } = cluster.nodes[index]!;
    server.pause();
    try {
      await availableShards();
      // Once the first commands have failed, the other nodes serve their shards.
      await waitFor(async () => (await availableShards()) >= 4, RECOVERY_MS);
      for (let i = 0; i < 5; i++) await expectUnavailable('redis_unavailable', check);
    } finally {
      server.resume();
    }
    await expectRecovery();
  });

  it('leaves nodes that say the cluster is down, and finds those that serve', async () => {
    const ports = cluster.nodes.map(({ server }) => server.port);
    for (const { proxy } of cluster.nodes) {
      proxy.moveTo(playRedis(() => '-CLUSTERDOWN The cluster is down\r\n'));
      proxy.reset();
    }
    await waitFor(async () => (await availableShards()) === 0, RECOVERY_MS);
    cluster.nodes.forEach(({ proxy }, i) => proxy.moveTo(ports[i]!));
    await expectRecovery();
  });
});

describe('the probe', () => {
  it('writes to every master, whatever the number of presence shards', async () => {
    await new RedisProbe(service).check();
    const { nodes } = cluster;
    for (const { server } of nodes) {
      const { Redis } = await import('ioredis');
      const client = new Redis({ host: server.host, port: server.port });
      try {
        const keys = await client.keys('presence:probe*');
        expect(keys.length).toBeGreaterThan(0);
        for (const key of keys) expect(await client.ttl(key)).toBeGreaterThan(0);
      } finally {
        client.disconnect();
      }
    }
  });
});
