import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Redis } from 'ioredis';

import { InProcessPresenceRepository } from '../../src/infrastructure/in-process/in-process-presence.repository.js';
import { presenceKeys } from '../../src/infrastructure/redis/presence-keys.js';
import { PresenceRedisRepository } from '../../src/infrastructure/redis/presence-redis.repository.js';
import type { RedisService } from '../../src/infrastructure/redis/redis.service.js';
import {
  describePresenceRepository,
  type PresenceHarness,
} from '../support/contracts/presence-repository/contract.js';
import { waitFor } from '../support/processes.js';
import {
  connectRedis,
  emptyRedis,
  redisCluster,
  sharedRedis,
  type RedisForAdapter,
} from '../support/redis-config.js';

// One test drops its connection, whose warning would hide other output.
Logger.overrideLogger(false);

const T = 1_750_000_000;

/** A clock that stands still at a Unix second and has been compared with a store. */
function clockAt(seconds: number): { readonly isMeasured: boolean; now(): Date } {
  return { isMeasured: true, now: () => new Date(seconds * 1000) };
}

async function onRedis({ config, release }: RedisForAdapter): Promise<PresenceHarness> {
  const service = await connectRedis(config);
  return {
    empty: async (now) => {
      await emptyRedis(service);
      return new PresenceRedisRepository(service, config.presenceShards, clockAt(now));
    },
    close: async () => {
      service.onApplicationShutdown();
      await release();
    },
  };
}

describePresenceRepository('in process', async () => ({
  empty: async (now) => new InProcessPresenceRepository(clockAt(now)),
  close: async () => {},
}));

describePresenceRepository('Redis', async () => onRedis(await sharedRedis()));

describePresenceRepository('Redis, four shards', async () =>
  onRedis(await sharedRedis({ presenceShards: 4 })),
);

describe('a Redis Cluster', () => {
  let cluster: RedisForAdapter;

  beforeAll(async () => {
    cluster = await redisCluster();
  });

  afterAll(() => cluster.release());

  describe.each([1, 256])('with %d shards', (presenceShards) => {
    describePresenceRepository('Redis Cluster', () =>
      onRedis({ config: { ...cluster.config, presenceShards }, release: async () => {} }),
    );
  });
});

describe('presence in Redis', () => {
  let redis: RedisForAdapter;
  let service: RedisService;
  let other: RedisService;
  let replicas: PresenceRedisRepository[];

  beforeAll(async () => {
    redis = await sharedRedis();
    service = await connectRedis(redis.config);
    other = await connectRedis(redis.config);
    replicas = [service, other].map((s) => new PresenceRedisRepository(s, 1));
  });

  afterEach(() => service.run((client) => client.flushdb()));

  afterAll(async () => {
    service.onApplicationShutdown();
    other.onApplicationShutdown();
    await redis.release();
  });

  it('is one ZSET of user ids, scored by the second of their last heartbeat', async () => {
    const presence = new PresenceRedisRepository(service, 1);
    await presence.updateUserPresence(9_223_372_036_854_775_807n, T);
    await presence.updateUserPresence(7n, T + 1);
    expect(await service.run((client) => client.keys('*'))).toEqual(['presence:online_users']);
    expect(await service.run((client) => client.type('presence:online_users'))).toBe('zset');
    expect(
      await service.run((client) => client.zrange('presence:online_users', 0, '-1', 'WITHSCORES')),
    ).toEqual(['9223372036854775807', String(T), '7', String(T + 1)]);
  });

  it('is one ZSET for each shard, named by their number, and each user stays in one of them', async () => {
    const presence = new PresenceRedisRepository(service, 4);
    for (const second of [T, T + 60])
      for (let user = 1n; user <= 40n; user++) await presence.updateUserPresence(user, second);
    const keys = (await service.run((client) => client.keys('*'))).sort();
    expect(keys).toEqual(presenceKeys(4).toSorted());
    for (const key of keys) expect(key).toMatch(/^presence:online_users:4:\{\d+\}$/);
    const sizes = await Promise.all(keys.map((key) => service.run((client) => client.zcard(key))));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(40);
    for (const size of sizes) expect(size).toBeGreaterThanOrEqual(8);
  });

  it('expires five minutes after its last heartbeat, and every heartbeat of a minute prolongs it', async () => {
    const presence = new PresenceRedisRepository(service, 1);
    const key = 'presence:online_users';
    const ttl = (): Promise<number> => service.run((client) => client.ttl(key));
    await presence.updateUserPresence(1n, T);
    expect(await ttl()).toBeGreaterThan(290);
    await service.run((client) => client.expire(key, 5));
    await presence.updateUserPresence(2n, T);
    expect(await ttl()).toBeLessThanOrEqual(5);
    const later = performance.now() + 60_000;
    const clock = jest.spyOn(performance, 'now').mockReturnValue(later);
    await presence.updateUserPresence(3n, T);
    clock.mockRestore();
    expect(await ttl()).toBeGreaterThan(290);
  });

  it('sets the expiry anew when a new connection may lead to a Redis without the key', async () => {
    const client = await connectRedis(redis.config);
    const presence = new PresenceRedisRepository(client, 1);
    await presence.updateUserPresence(1n, T);
    await service.run((each) => each.flushdb());
    (client.connection as Redis).disconnect(true);
    // The first heartbeats may still go by the former connection.
    await waitFor(async () => {
      await presence.updateUserPresence(1n, T);
      return (await service.run((each) => each.ttl('presence:online_users'))) > 290;
    });
    client.onApplicationShutdown();
  });

  it('counts nobody twice and leaves nothing behind after a change of the number of shards', async () => {
    const users = Array.from({ length: 100 }, (_, i) => BigInt(i + 1));
    for (const shards of [1, 4, 16]) {
      const presence = new PresenceRedisRepository(service, shards);
      expect(await presence.countOnlineUsers(T - 1)).toBe(0);
      await Promise.all(users.map((user) => presence.updateUserPresence(user, T)));
      expect(await presence.countOnlineUsers(T - 1)).toBe(users.length);
    }
    const former = [...presenceKeys(1), ...presenceKeys(4)];
    for (const key of former) expect(await service.run((client) => client.ttl(key))).toBeGreaterThan(0);
  });

  it('keeps the highest second when two replicas write at the same moment', async () => {
    const seconds = Array.from({ length: 200 }, (_, i) => T + ((i * 37) % 200));
    await Promise.all(seconds.map((second, i) => replicas[i % 2]!.updateUserPresence(7n, second)));
    expect(await replicas[0]!.getUserLastHeartbeat(7n)).toBe(T + 199);
  });

  it('touches no entry of the future before the stores have told their time', async () => {
    const blind = { ...clockAt(T - 7200), isMeasured: false };
    const presence = new PresenceRedisRepository(service, 1, blind);
    await replicas[0]!.updateUserPresence(1n, T);
    await presence.updateUserPresence(1n, T - 7200);
    expect(await presence.removeFutureUsers(T - 7195)).toBe(0);
    expect(await presence.getUserLastHeartbeat(1n)).toBe(T);
  });

  it('groups concurrent heartbeats into commands of a thousand and loses none', async () => {
    const presence = new PresenceRedisRepository(service, 1);
    const commands = jest.spyOn(service.connection, 'zadd');
    await Promise.all(
      Array.from({ length: 2_500 }, (_, i) => presence.updateUserPresence(BigInt(i + 1), T + i)),
    );
    expect(commands).toHaveBeenCalledTimes(3);
    commands.mockRestore();
    expect(await presence.countOnlineUsers(0)).toBe(2_500);
    expect(await presence.getUserLastHeartbeat(1n)).toBe(T);
    expect(await presence.getUserLastHeartbeat(2_500n)).toBe(T + 2_499);
  });

  it('shares one count among concurrent callers of a threshold, and a later call counts again', async () => {
    const presence = new PresenceRedisRepository(service, 1);
    await presence.updateUserPresence(1n, T);
    const commands = jest.spyOn(service.connection, 'zcount');
    const together = [T - 1, T - 1, T].map((threshold) => presence.countOnlineUsers(threshold));
    expect(await Promise.all(together)).toEqual([1, 1, 0]);
    expect(commands).toHaveBeenCalledTimes(2);
    commands.mockRestore();
    await presence.updateUserPresence(2n, T);
    expect(await presence.countOnlineUsers(T - 1)).toBe(2);
  });

  it('removes each user once when two replicas clean up at the same moment', async () => {
    for (let from = 1; from <= 25_000; from += 5_000) {
      const entries = Array.from({ length: 5_000 }, (_, i) => [T + Math.floor((from + i) / 10), from + i]);
      await service.run((client) => client.zadd('presence:online_users', ...entries.flat()));
    }
    const removed = await Promise.all(replicas.map((presence) => presence.removeExpiredUsers(T + 5_000)));
    expect(removed.reduce((sum, n) => sum + n, 0)).toBe(25_000);
    expect(await replicas[0]!.countOnlineUsers(0)).toBe(0);
  });
});
