import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { RedisProbe } from '../../src/infrastructure/redis/redis-probe.js';
import type { RedisService } from '../../src/infrastructure/redis/redis.service.js';
import { expectUnavailable } from '../support/failures.js';
import { waitFor } from '../support/processes.js';
import { configOf, connectRedis } from '../support/redis-config.js';
import { startRedisServer, type RedisServer } from '../support/redis.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);

let server: RedisServer;
let service: RedisService;

beforeAll(async () => {
  server = await startRedisServer();
  service = await connectRedis(configOf(server));
});

afterAll(async () => {
  service.onApplicationShutdown();
  await server.stop();
});

/** Checks without an earlier result. */
const check = (): Promise<void> => new RedisProbe(service).check();
const isDown = (): Promise<unknown> => expectUnavailable('redis_unavailable', check);

async function expectUp(): Promise<void> {
  await waitFor(async () => {
    await check();
    return true;
  });
}

it('is up while Redis takes writes, and leaves one key that expires', async () => {
  await check();
  const keys = await service.run((client) => client.keys('*'));
  expect(keys).toEqual(['presence:probe']);
  expect(await service.run((client) => client.ttl('presence:probe'))).toBeGreaterThan(0);
});

it('is down while Redis has no memory left, although it answers', async () => {
  await service.run((client) => client.config('SET', 'maxmemory', '1'));
  await isDown();
  await service.ping();
  await service.run((client) => client.config('SET', 'maxmemory', '0'));
  await expectUp();
});

it('is down while Redis lacks the replicas that it must write to', async () => {
  await service.run((client) => client.config('SET', 'min-replicas-to-write', '1'));
  await isDown();
  await waitFor(async () => {
    await service.run((client) => client.config('SET', 'min-replicas-to-write', '0'));
    return true;
  });
  await expectUp();
});

it('is down while Redis is a read-only replica', async () => {
  const master = await startRedisServer();
  try {
    await service.run((client) => client.replicaof('127.0.0.1', master.port));
    await isDown();
    await waitFor(async () => {
      await service.run((client) => client.replicaof('NO', 'ONE'));
      return true;
    });
    await expectUp();
  } finally {
    await master.stop();
  }
});

it('shares one check for a second', async () => {
  let nowMs = 0;
  const probe = new RedisProbe(service, () => nowMs);
  const first = probe.check();
  expect(probe.check()).toBe(first);
  await first;
  nowMs = 999;
  expect(probe.check()).toBe(first);
  nowMs = 1000;
  const next = probe.check();
  expect(next).not.toBe(first);
  await next;
});
