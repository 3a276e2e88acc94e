import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { RedisService } from '../../src/infrastructure/redis/redis.service.js';
import { freePort } from '../support/processes.js';
import { configOf, connectRedis, sharedRedis, type RedisForAdapter } from '../support/redis-config.js';

// One test has no server, and the outage's log would hide other output.
Logger.overrideLogger(false);

const KEY = 'redis-service';

describe('RedisService', () => {
  let redis: RedisForAdapter;
  let service: RedisService;

  beforeAll(async () => {
    redis = await sharedRedis();
    service = await connectRedis(redis.config);
  });

  afterEach(() => service.run((client) => client.flushdb()));

  afterAll(async () => {
    service.onApplicationShutdown();
    await redis.release();
  });

  it('adds members to a sorted set, reads, counts and removes them by score', async () => {
    expect(await service.zadd(KEY, 1, 'a')).toBe(1);
    expect(await service.zadd(KEY, 2, 'b', 3, 'c')).toBe(2);
    expect(await service.zscore(KEY, 'b')).toBe('2');
    expect(await service.zscore(KEY, 'x')).toBeNull();
    expect(await service.zcount(KEY, '(1', '+inf')).toBe(2);
    expect(await service.zrangebyscore(KEY, 2, '+inf')).toEqual(['b', 'c']);
    expect(await service.zrangebyscore(KEY, '-inf', '+inf', 'LIMIT', 1, 1)).toEqual(['b']);
    expect(await service.zrangebyscore(KEY, 3, 3, 'WITHSCORES', 'LIMIT', 0, 10)).toEqual(['c', '3']);
    expect(await service.zremrangebyscore(KEY, '-inf', 2)).toBe(2);
  });

  it('keeps the higher score with the flag GT', async () => {
    await service.zadd(KEY, 5, 'a');
    await service.zadd(KEY, 'GT', 4, 'a');
    expect(await service.zscore(KEY, 'a')).toBe('5');
  });

  it('adds elements to a HyperLogLog and counts several together', async () => {
    expect(await service.pfadd(`${KEY}:1`, 'a', 'b')).toBe(1);
    expect(await service.pfadd(`${KEY}:2`, 'b', 'c')).toBe(1);
    expect(await service.pfcount(`${KEY}:1`, `${KEY}:2`)).toBe(3);
  });

  it('sets the expiry of a key, and deletes keys', async () => {
    await service.pfadd(KEY, 'a');
    expect(await service.expire(KEY, 60)).toBe(1);
    expect(await service.run((client) => client.ttl(KEY))).toBeGreaterThan(50);
    expect(await service.expireat(KEY, 4_000_000_000)).toBe(1);
    expect(await service.run((client) => client.ttl(KEY))).toBeGreaterThan(60);
    expect(await service.del(KEY, 'no-such-key')).toBe(1);
  });

  it('rejects a command with redis_unavailable while no server listens', async () => {
    const unconnected = new RedisService(configOf({ host: '127.0.0.1', port: await freePort() }));
    await expect(unconnected.zscore(KEY, 'a')).rejects.toMatchObject({ code: 'redis_unavailable' });
    unconnected.onApplicationShutdown();
  });
});
