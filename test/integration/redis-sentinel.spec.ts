import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Redis } from 'ioredis';

import type { Address } from '../../src/config/addresses.js';
import { PresenceRedisRepository } from '../../src/infrastructure/redis/presence-redis.repository.js';
import { RedisProbe } from '../../src/infrastructure/redis/redis-probe.js';
import type { RedisService } from '../../src/infrastructure/redis/redis.service.js';
import { freePort, waitFor } from '../support/processes.js';
import { RECOVERY_MS } from '../support/recovery.js';
import { configOf, connectRedis } from '../support/redis-config.js';
import { MASTER_NAME, startSentinels, type TestSentinels } from '../support/redis-sentinel.js';
import type { RedisServer } from '../support/redis.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);
jest.setTimeout(90_000);

const T = 1_750_000_000;

let stage: TestSentinels;
let service: RedisService;
let presence: PresenceRedisRepository;

beforeAll(async () => {
  stage = await startSentinels();
});

beforeEach(() => connect(stage.sentinels));

afterEach(() => service.onApplicationShutdown());

afterAll(() => stage?.stop());

async function connect(sentinels: readonly Address[], password: string | null = null): Promise<void> {
  service = await connectRedis({
    ...configOf(stage.servers[0]!),
    addresses: [],
    sentinel: { addresses: sentinels, masterName: MASTER_NAME, password },
  });
  presence = new PresenceRedisRepository(service, 1);
}

/** Waits until a heartbeat is stored, and expects it on this server. */
async function expectStoredOn(server: RedisServer, user: bigint): Promise<void> {
  await waitFor(
    async () => {
      await presence.updateUserPresence(user, T);
      return (await scoreOn(server, user)) === T;
    },
    RECOVERY_MS,
    { what: `heartbeats are stored on port ${server.port}` },
  );
  await new RedisProbe(service).check();
}

async function scoreOn(server: RedisServer, user: bigint): Promise<number> {
  const client = new Redis({ host: server.host, port: server.port });
  try {
    const info = await client.info('replication');
    expect(info).toContain('role:master');
    return Number(await client.zscore('presence:online_users', user.toString()));
  } finally {
    client.disconnect();
  }
}

describe('a Redis that Sentinels watch', () => {
  let master: RedisServer;

  it('is the master that they name, also when the first Sentinel is lost', async () => {
    master = stage.servers[0]!;
    await expectStoredOn(master, 1n);
    service.onApplicationShutdown();
    await connect([{ host: '127.0.0.1', port: await freePort() }, ...stage.sentinels]);
    await expectStoredOn(master, 2n);
  });

  it('is found while a Sentinel is frozen', async () => {
    stage.pauseSentinel(0);
    try {
      (service.connection as Redis).disconnect(true);
      await expectStoredOn(master, 2n);
    } finally {
      stage.resumeSentinel(0);
    }
  });

  it('is followed at once when a healthy master hands over, before that is a replica', async () => {
    const former = master;
    await expectStoredOn(former, 3n);
    await stage.failOver();
    master = await stage.masterAfter(former);
    await expectStoredOn(master, 4n);
    // The former master would have taken the heartbeat as well.
    expect(await scoreOn(former, 3n)).toBe(T);
  });

  it('is followed when the master is frozen, and the former one takes no heartbeats afterwards', async () => {
    const former = master;
    await expectStoredOn(former, 5n);
    former.pause();
    try {
      master = await stage.masterAfter(former);
      await expectStoredOn(master, 6n);
    } finally {
      former.resume();
    }
    await expectStoredOn(master, 7n);
  });

  it('is followed when the master is killed', async () => {
    const former = master;
    await expectStoredOn(former, 8n);
    await former.kill();
    master = await stage.masterAfter(former);
    await expectStoredOn(master, 9n);
  });

  it('is found through Sentinels that demand a password', async () => {
    for (const { host, port } of stage.sentinels) {
      const client = new Redis({ host, port });
      await client.call('ACL', 'SETUSER', 'default', 'resetpass', '>secret');
      client.disconnect();
    }
    service.onApplicationShutdown();
    await connect(stage.sentinels, 'wrong');
    await expect(new RedisProbe(service).check()).rejects.toThrow();
    service.onApplicationShutdown();
    await connect(stage.sentinels, 'secret');
    // Sentinels that cannot ask each other may name another master, so any will do.
    await waitFor(() => presence.updateUserPresence(10n, T).then(() => true), RECOVERY_MS, {
      what: 'heartbeats are stored on the master that the Sentinels name',
    });
    await new RedisProbe(service).check();
  });
});
