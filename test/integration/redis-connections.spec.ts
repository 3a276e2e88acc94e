import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Redis } from 'ioredis';

import type { RedisService } from '../../src/infrastructure/redis/redis.service.js';
import { expectUnavailable } from '../support/failures.js';
import { waitFor } from '../support/processes.js';
import { connectRedis, configOf } from '../support/redis-config.js';
import { RECOVERY_MS, waitForRecovery } from '../support/recovery.js';
import { playRedis } from '../support/redis-peer.js';
import { RedisProxy } from '../support/redis-proxy.js';
import { startRedisServer, type RedisServer } from '../support/redis.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);
jest.setTimeout(40_000);

let server: RedisServer;
let proxy: RedisProxy;
let service: RedisService;

beforeEach(async () => {
  server = await startRedisServer();
  proxy = await RedisProxy.start(server.port);
  service = await connectRedis(configOf(proxy));
  await write();
});

afterEach(async () => {
  service.onApplicationShutdown();
  await proxy.stop();
  await server.stop();
});

async function write(): Promise<void> {
  await service.zadd('key', 1, 'member');
}

const writes = (): Promise<unknown> => expectUnavailable('redis_unavailable', write);

async function expectRecovery(): Promise<void> {
  await waitForRecovery(
    async () => {
      await write();
      return true;
    },
    { what: 'a write succeeds again' },
  );
}

/** Runs commands of an operator on a server. */
async function operate<T>({ port }: RedisServer, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis({ host: '127.0.0.1', port });
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

describe('a silent connection', () => {
  it('is dropped and replaced while new connections work', async () => {
    proxy.silence();
    await writes();
    await expectRecovery();
    expect(proxy.accepted).toBe(2);
  });

  it('is dropped again and again until new connections work', async () => {
    proxy.silence({ new: true });
    await writes();
    await waitFor(() => proxy.accepted >= 3, RECOVERY_MS, { what: 'the client connects again' });
    proxy.heal();
    await expectRecovery();
  });

  it('that owes no reply stays open', async () => {
    // The limit for a reply is 1 s.
    await waitFor(
      () =>
        operate(server, async (client) =>
          / idle=([2-9]|\d\d+) .* cmd=zadd /.test(String(await client.client('LIST'))),
        ),
      RECOVERY_MS,
      { intervalMs: 200, what: 'the connection is idle' },
    );
    await write();
    expect(proxy.accepted).toBe(1);
  });
});

describe('a server that replies', () => {
  it.each([
    "READONLY You can't write against a read only replica.",
    'ERR Error running script (call to f_1): @user_script:2: -READONLY You can’t write against a read only replica.',
    'LOADING Redis is loading the dataset in memory',
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    'CLUSTERDOWN The cluster is down',
    'NOREPLICAS Not enough good replicas to write.',
  ])('%s is left for the one that the address leads to by then', async (reply) => {
    proxy.moveTo(playRedis(() => `-${reply}\r\n`));
    proxy.reset();
    await waitFor(() => proxy.accepted === 2, RECOVERY_MS);
    await waitFor(async () => {
      const error: unknown = await write().catch((cause: unknown) => cause);
      return error instanceof Error && (error.cause as Error).message === reply;
    }, RECOVERY_MS);
    proxy.moveTo(server.port);
    await expectRecovery();
  });

  it.each([
    "OOM command not allowed when used memory > 'maxmemory'.",
    'MISCONF Redis is configured to save RDB snapshots, but it is unable to persist to disk.',
    'WRONGTYPE Operation against a key holding the wrong kind of value',
  ])('%s keeps its connection', async (reply) => {
    proxy.moveTo(playRedis(() => `-${reply}\r\n`));
    proxy.reset();
    await waitFor(async () => {
      const error: unknown = await write().catch((cause: unknown) => cause);
      return error instanceof Error && (error.cause as Error).message === reply;
    }, RECOVERY_MS);
    for (let i = 0; i < 20; i++) await writes();
    expect(proxy.accepted).toBe(2);
  });

  it('READONLY to everything is not hammered with connections', async () => {
    proxy.moveTo(playRedis(() => '-READONLY no\r\n'));
    proxy.reset();
    const until = performance.now() + 3_000;
    // A crowd of commands shares each packet.
    while (performance.now() < until) await Promise.all(Array.from({ length: 50 }, writes));
    expect(proxy.accepted).toBeLessThan(15);
  });

  it('READONLY since it became a replica is left for the new master', async () => {
    const successor = await startRedisServer();
    try {
      await operate(server, (client) => client.replicaof('127.0.0.1', successor.port));
      await writes();
      proxy.moveTo(successor.port);
      await expectRecovery();
      expect(await operate(successor, (client) => client.zscore('key', 'member'))).toBe('1');
    } finally {
      await successor.stop();
    }
  });

  it('READONLY until it is promoted takes writes again', async () => {
    const master = await startRedisServer();
    try {
      await operate(server, (client) => client.replicaof('127.0.0.1', master.port));
      await writes();
      await operate(server, (client) => client.replicaof('NO', 'ONE'));
      await expectRecovery();
    } finally {
      await master.stop();
    }
  });
});
