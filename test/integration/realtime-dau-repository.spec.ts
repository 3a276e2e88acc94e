import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { InProcessRealtimeDauRepository } from '../../src/infrastructure/in-process/in-process-realtime-dau.repository.js';
import { PresenceRedisRepository } from '../../src/infrastructure/redis/presence-redis.repository.js';
import { RealtimeDauRedisRepository } from '../../src/infrastructure/redis/realtime-dau-redis.repository.js';
import type { RedisService } from '../../src/infrastructure/redis/redis.service.js';
import { addDaysToKey, formatToDateKey } from '../../src/shared/utils/timezone.util.js';
import {
  describeRealtimeDauRepository,
  type RealtimeDauHarness,
} from '../support/contracts/realtime-dau-repository/contract.js';
import {
  connectRedis,
  emptyRedis,
  redisCluster,
  sharedRedis,
  type RedisForAdapter,
} from '../support/redis-config.js';

// Redis decides by its own clock which keys have expired.
const today = formatToDateKey(new Date());
const DAYS = [addDaysToKey(today, -1), today] as const;

async function onRedis({ config, release }: RedisForAdapter): Promise<RealtimeDauHarness> {
  const service = await connectRedis(config);
  return {
    empty: async () => {
      await emptyRedis(service);
      return new RealtimeDauRedisRepository(service);
    },
    close: async () => {
      service.onApplicationShutdown();
      await release();
    },
  };
}

describeRealtimeDauRepository('in process', DAYS, async () => ({
  empty: async () => new InProcessRealtimeDauRepository(),
  close: async () => {},
}));

describeRealtimeDauRepository('Redis', DAYS, async () => onRedis(await sharedRedis()));

describeRealtimeDauRepository('Redis Cluster', DAYS, async () => onRedis(await redisCluster()));

describe('the live DAU in Redis', () => {
  let redis: RedisForAdapter;
  let service: RedisService;
  let dau: RealtimeDauRedisRepository;

  beforeAll(async () => {
    redis = await sharedRedis();
    service = await connectRedis(redis.config);
    dau = new RealtimeDauRedisRepository(service);
  });

  afterEach(() => service.run((client) => client.flushdb()));

  afterAll(async () => {
    service.onApplicationShutdown();
    await redis.release();
  });

  /** Returns the second at which a key expires, give or take one. EXPIRETIME needs Redis 7. */
  const readExpiry = async (key: string): Promise<number> => {
    const [seconds] = await service.run((client) => client.time());
    return Number(seconds) + (await service.run((client) => client.ttl(key)));
  };

  it('is one HyperLogLog for each day that expires ten days after the day began', async () => {
    const startSeconds = Date.parse(`${today}T00:00:00+08:00`) / 1000;
    await dau.add(today, ['u:1']);
    expect(await service.run((client) => client.keys('*'))).toEqual([`analytics:dau:${today}`]);
    expect(await service.run((client) => client.pfcount(`analytics:dau:${today}`))).toBe(1);
    const expiresAt = await readExpiry(`analytics:dau:${today}`);
    expect(Math.abs(expiresAt - (startSeconds + 10 * 24 * 60 * 60))).toBeLessThanOrEqual(1);
  });

  it('keeps its expiry when it is added to again', async () => {
    const key = `analytics:dau:${today}`;
    await dau.add(today, ['u:1']);
    const expiresAt = await readExpiry(key);
    await dau.add(today, ['u:2']);
    expect(Math.abs((await readExpiry(key)) - expiresAt)).toBeLessThanOrEqual(1);
  });

  it('stores no key for a day that has expired', async () => {
    await dau.add('2018-11-05', ['u:1', 'u:2']);
    expect(await service.run((client) => client.keys('*'))).toEqual([]);
    expect(await dau.count('2018-11-05')).toBe(0);
  });

  it.each([1, 12])('sets an expiry on every key, also on %i presence shards', async (shards) => {
    for (let back = 0; back < 9; back++) await dau.add(addDaysToKey(today, -back), [`u:${back}`]);
    await dau.add(addDaysToKey(today, 1), ['u:1']);
    const presence = new PresenceRedisRepository(service, shards);
    for (let user = 1n; user <= 100n; user++) await presence.updateUserPresence(user, 1_750_000_000);
    const keys = await service.run((client) => client.keys('*'));
    expect(keys).toHaveLength(10 + shards);
    for (const key of keys) expect(await service.run((client) => client.ttl(key))).toBeGreaterThan(0);
  });
});

it('the in-process live DAU keeps ten days and evicts the oldest first', async () => {
  const dau = new InProcessRealtimeDauRepository();
  for (let back = 0; back < 12; back++) await dau.add(addDaysToKey(today, -back), ['u:1']);
  const counts = await Promise.all(
    Array.from({ length: 12 }, (_, back) => dau.count(addDaysToKey(today, -back))),
  );
  expect(counts).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
});
