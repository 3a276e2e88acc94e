import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Redis, type Cluster } from 'ioredis';

import type { Address } from '../../src/config/addresses.js';
import { keySlot, SLOTS } from '../../src/infrastructure/redis/key-slot.js';
import { presenceKeys } from '../../src/infrastructure/redis/presence-keys.js';
import { PresenceRedisRepository } from '../../src/infrastructure/redis/presence-redis.repository.js';
import { RateLimitRedisStore } from '../../src/infrastructure/redis/rate-limit-redis.store.js';
import { RedisProbe } from '../../src/infrastructure/redis/redis-probe.js';
import type { RedisService } from '../../src/infrastructure/redis/redis.service.js';
import { expectUnavailable } from '../support/failures.js';
import { freePort, waitFor } from '../support/processes.js';
import { RECOVERY_MS, waitForRecovery } from '../support/recovery.js';
import { startRedisCluster, type TestCluster } from '../support/redis-cluster.js';
import { clusterConfigOf, connectRedis, emptyRedis } from '../support/redis-config.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);
jest.setTimeout(90_000);

const SHARDS = 48;
const USERS = 480;
const T = 1_750_000_000;
const ALL = Array.from({ length: USERS }, (_, i) => BigInt(i + 1));

let cluster: TestCluster;
const services: RedisService[] = [];

beforeAll(async () => {
  cluster = await startRedisCluster({ replicas: 1 });
});

afterEach(() => {
  for (const service of services.splice(0)) service.onApplicationShutdown();
});

afterAll(() => cluster?.stop());

async function connect(
  seeds: readonly Address[] = cluster.nodes.map(({ proxy }) => proxy),
): Promise<RedisService> {
  const service = await connectRedis(clusterConfigOf(seeds));
  services.push(service);
  return service;
}

/** @returns how many of the users' heartbeats were stored */
async function beat(presence: PresenceRedisRepository, second: number, users = ALL): Promise<number> {
  const written = await Promise.allSettled(users.map((user) => presence.updateUserPresence(user, second)));
  return written.filter(({ status }) => status === 'fulfilled').length;
}

function expectAllStored(presence: PresenceRedisRepository, second: number): Promise<unknown> {
  return waitForRecovery(async () => (await beat(presence, second)) === USERS, {
    what: 'every shard takes heartbeats',
  });
}

describe('slots that move under load', () => {
  it('fail no heartbeat, lose none, and count nobody twice', async () => {
    const service = await connect();
    const presence = new PresenceRedisRepository(service, SHARDS);
    await expectAllStored(presence, T);
    const moving = presenceKeys(SHARDS).slice(0, SHARDS / 3);
    const load = { second: T, stored: 0, sent: 0, isOver: false };
    const sending = (async () => {
      while (!load.isOver) {
        load.second++;
        load.stored += await beat(presence, load.second);
        load.sent += USERS;
      }
    })();
    // There and back, so that the later tests find the slots where they were.
    await cluster.moveSlotsOf(moving, 0, 1);
    await cluster.moveSlotsOf(moving, 1, 0);
    load.isOver = true;
    await sending;
    expect(load.sent).toBeGreaterThan(USERS);
    expect(load.stored).toBe(load.sent);
    expect(await presence.countOnlineUsers(load.second - 1)).toBe(USERS);
    expect(await presence.countOnlineUsers(0)).toBe(USERS);
  });

  it('keep the counts of the limiter, each under its own key', async () => {
    const service = await connect();
    await emptyRedis(service);
    const store = new RateLimitRedisStore(service);
    const names = Array.from({ length: 60 }, (_, i) => `address:10.0.0.${i}`);
    const countAll = (): Promise<{ count: number }[]> =>
      Promise.all(names.map((name) => store.increment(name, 60_000)));
    const keys = names.map((name) => `rate:${name}`);
    const moving = keys.filter((key) => keySlot(key) < SLOTS / 3);
    await countAll();
    await cluster.moveSlotsOf(moving, 0, 1);
    try {
      expect((await countAll()).map(({ count }) => count)).toEqual(names.map(() => 2));
      expect((await storedKeys(service)).toSorted()).toEqual(keys.toSorted());
    } finally {
      await cluster.moveSlotsOf(moving, 1, 0);
    }
  });
});

describe('a node that is lost', () => {
  it('at the start delays nobody who has another seed', async () => {
    const { server, proxy } = cluster.nodes[1]!;
    const dead = { host: '127.0.0.1', port: await freePort() };
    const nameless = { host: 'no-such-node.invalid', port: 6379 };
    server.pause();
    try {
      const service = await connect([dead, nameless, proxy, cluster.nodes[2]!.proxy]);
      const presence = new PresenceRedisRepository(service, SHARDS);
      await waitFor(async () => (await beat(presence, T)) >= USERS / 2, RECOVERY_MS, {
        what: 'the shards of the other masters take heartbeats',
      });
    } finally {
      server.resume();
    }
    await expectAllStored(new PresenceRedisRepository(await connect(), SHARDS), T);
  });

  it('leaves a partial count that says so, until its replica takes over', async () => {
    const service = await connect();
    await emptyRedis(service);
    const presence = new PresenceRedisRepository(service, SHARDS);
    const probe = (): Promise<void> => new RedisProbe(service).check();
    await expectAllStored(presence, T);
    await waitForReplicas();
    await probe();
    const former = cluster.nodes[0]!;
    // Frozen first: a server that is killed at once could be promoted before the first count.
    former.server.pause();
    const partial = await presence.countReachableUsers(T - 1);
    expect(partial.coverage).toBeCloseTo(2 / 3, 2);
    expect(partial.count / USERS).toBeGreaterThan(0.5);
    expect(partial.count / USERS).toBeLessThan(0.85);
    await expectUnavailable('redis_unavailable', () => presence.countOnlineUsers(T - 1));
    await expectUnavailable('redis_unavailable', probe);
    await former.server.kill();
    former.proxy.reset();
    await waitFor(async () => (await presence.countReachableUsers(T - 1)).coverage === 1, RECOVERY_MS, {
      what: 'the replica has taken over',
    });
    expect(await presence.countReachableUsers(T - 1)).toEqual({ count: USERS, coverage: 1 });
    await expectAllStored(presence, T + 60);
    await probe();
  });
});

/** Waits until the replica has what its master has. */
async function waitForReplicas(): Promise<void> {
  const { server } = cluster.nodes[0]!;
  const client = new Redis({ host: server.host, port: server.port });
  try {
    // WAIT is about the writes of its own connection, which follow those of the others.
    await client.expire(presenceKeys(SHARDS)[0]!, 600);
    expect(await client.wait(1, RECOVERY_MS)).toBe(1);
  } finally {
    client.disconnect();
  }
}

function storedKeys(service: RedisService): Promise<string[]> {
  return service.run(async (client) => {
    const nodes = (client as Cluster).nodes('master');
    return (await Promise.all(nodes.map((node) => node.keys('*')))).flat();
  });
}
