import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Redis } from 'ioredis';

import type { RedisConfig } from '../../src/config/redis.config.js';
import { presenceKeys } from '../../src/infrastructure/redis/presence-keys.js';
import { PresenceRedisRepository } from '../../src/infrastructure/redis/presence-redis.repository.js';
import { RateLimitRedisStore } from '../../src/infrastructure/redis/rate-limit-redis.store.js';
import { RealtimeDauRedisRepository } from '../../src/infrastructure/redis/realtime-dau-redis.repository.js';
import { RedisProbe } from '../../src/infrastructure/redis/redis-probe.js';
import { RedisTime } from '../../src/infrastructure/redis/redis-time.js';
import type { RedisService } from '../../src/infrastructure/redis/redis.service.js';
import { formatToDateKey } from '../../src/shared/utils/timezone.util.js';
import { makeCertificates, tlsFilesOf, type Certificates } from '../support/certificates.js';
import { expectUnavailable } from '../support/failures.js';
import { freePort, waitFor } from '../support/processes.js';
import { RECOVERY_MS } from '../support/recovery.js';
import { allowedCommands, asAdministrator, commandsOf, documentedAclRules } from '../support/redis-acl.js';
import { startRedisCluster, type TestCluster } from '../support/redis-cluster.js';
import { clusterConfigOf, configOf, connectRedis } from '../support/redis-config.js';
import { startTlsSentinel, tlsArguments, tlsPeerArguments } from '../support/redis-tls.js';
import { startRedisServer, type RedisServer } from '../support/redis.js';

// Refused connections and commands are logged, which would hide other output.
Logger.overrideLogger(false);
jest.setTimeout(60_000);

const T = 1_750_000_000;
const SHARDS = 12;
const LOGIN = { username: 'analytics', password: 'of-the-test' };
const RULES = documentedAclRules();

const stops: (() => Promise<void>)[] = [];
const services: RedisService[] = [];
let tls: Certificates;
let server: RedisServer;
let tlsPort: number;
let cluster: TestCluster;

beforeAll(async () => {
  tls = await makeCertificates(true, stops);
  tlsPort = await freePort();
  server = await startRedisServer({ args: tlsArguments(tls, tlsPort) });
  stops.push(() => server.stop());
  cluster = await startRedisCluster({ masters: 2, tls });
  stops.push(() => cluster.stop());
  await addUser([server, ...cluster.nodes.map((node) => node.server)]);
});

afterEach(() => {
  for (const service of services.splice(0)) service.onApplicationShutdown();
});

afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
});

async function addUser(servers: readonly RedisServer[]): Promise<void> {
  for (const each of servers) {
    await asAdministrator(each, async (client) => {
      await client.call('ACL', 'SETUSER', LOGIN.username, 'on', `>${LOGIN.password}`, ...RULES);
      await client.config('RESETSTAT');
    });
  }
}

async function connect(options: Partial<RedisConfig> = {}): Promise<RedisService> {
  const address = { host: '127.0.0.1', port: tlsPort };
  const service = await connectRedis({ ...configOf(address), ...LOGIN, tls: tlsFilesOf(tls), ...options });
  services.push(service);
  return service;
}

function connectCluster(): Promise<RedisService> {
  const seeds = cluster.nodes.map(({ proxy }) => proxy);
  return connect({ ...clusterConfigOf(seeds), ...LOGIN, tls: tlsFilesOf(tls) });
}

/** Runs every command that the service ever sends. */
async function useEverything(service: RedisService, shards: number): Promise<void> {
  let now = T;
  const clock = { isMeasured: true, now: () => new Date(now * 1000) };
  const presence = new PresenceRedisRepository(service, shards, clock);
  const users = Array.from({ length: 40 }, (_, i) => BigInt(i + 1));
  const beatAt = async (seconds: number): Promise<void> => {
    now = seconds;
    await Promise.all(users.map((user) => presence.updateUserPresence(user, now)));
  };
  await beatAt(T + 3600);
  await beatAt(T);
  expect(await presence.countOnlineUsers(T - 180)).toBe(40);
  expect(await presence.getOnlineUsers(T - 180)).toHaveLength(40);
  expect(await presence.getUserLastHeartbeat(1n)).toBe(T);
  expect(await presence.removeUser(1n)).toBe(true);
  await presence.updateUserPresence(1n, T);
  expect(await presence.removeExpiredUsers(T)).toBe(40);
  await beatAt(T + 3600);
  now = T;
  expect(await presence.removeFutureUsers(T + 5)).toBe(40);
  const dau = new RealtimeDauRedisRepository(service);
  const today = formatToDateKey(new Date());
  await dau.add(today, ['u:1', 'u:2']);
  expect(await dau.count(today)).toBe(2);
  const limits = new RateLimitRedisStore(service);
  for (const count of [1, 2])
    expect(await limits.increment('address:10.0.0.1', 60_000)).toMatchObject({ count });
  await new RedisProbe(service).check();
  expect(await new RedisTime(service).readMs()).toBeGreaterThan(0);
}

describe('a Redis behind TLS with a user of few rights', () => {
  it('serves everything', async () => {
    await useEverything(await connect({ db: 3 }), 1);
  });

  it('refuses clients without a certificate, with another authority and with a wrong password', async () => {
    const { ca, cert, key } = tlsFilesOf(tls);
    for (const options of [{ tls: { ca } }, { tls: { cert, key } }, { tls: null }, { password: 'wrong' }]) {
      const service = await connect(options);
      await expectUnavailable('redis_unavailable', () => service.ping());
    }
  });

  it('refuses other keys and other commands', async () => {
    const service = await connect();
    for (const [name, ...values] of [
      ['SET', 'presence:a', '1'],
      ['FLUSHALL'],
      ['KEYS', '*'],
      ['CONFIG', 'GET', 'a'],
    ])
      await expect(service.connection.call(name!, ...values)).rejects.toThrow(/NOPERM/);
    await expect(service.connection.zadd('another:key', 1, 'a')).rejects.toThrow(/NOPERM/);
  });

  it('is found through Sentinels that speak TLS', async () => {
    const port = await freePort();
    const sentinel = await startTlsSentinel(tls, port, 'presence', tlsPort);
    stops.push(() => sentinel.stop());
    const address = { host: '127.0.0.1', port };
    const named = { addresses: [address], masterName: 'presence', password: null };
    const service = await connect({ addresses: [], sentinel: named });
    await waitFor(async () => {
      await service.ping();
      return true;
    });
  });

  it('is left for the server that Sentinels announce over TLS', async () => {
    const [masterPort, replicaPort, port] = [await freePort(), await freePort(), await freePort()];
    const start = async (args: readonly string[]): Promise<RedisServer> => {
      const started = await startRedisServer({ args });
      stops.push(() => started.stop());
      return started;
    };
    const master = await start(tlsPeerArguments(tls, masterPort));
    const replica = await start([
      ...tlsPeerArguments(tls, replicaPort),
      ...['--replicaof', '127.0.0.1', String(masterPort), '--repl-diskless-sync-delay', '0'],
    ]);
    await addUser([master, replica]);
    await waitFor(
      () => asAdministrator(replica, async (c) => (await c.info('replication')).includes('link_status:up')),
      20_000,
      { what: 'the replica follows its master by TLS' },
    );
    const sentinel = await startTlsSentinel(tls, port, 'presence', masterPort);
    stops.push(() => sentinel.stop());
    const named = { addresses: [{ host: '127.0.0.1', port }], masterName: 'presence', password: null };
    const service = await connect({ addresses: [], sentinel: named });
    const presence = new PresenceRedisRepository(service, 1);
    const storedOn = (each: RedisServer, user: bigint): Promise<boolean> =>
      asAdministrator(
        each,
        async (c) => (await c.zscore('presence:online_users', String(user))) === String(T),
      );
    const beats = async (each: RedisServer, user: bigint): Promise<boolean> => {
      await presence.updateUserPresence(user, T);
      return storedOn(each, user);
    };
    await waitFor(() => beats(master, 1n), RECOVERY_MS);
    const watcher = new Redis({ host: '127.0.0.1', port, tls: tlsFilesOf(tls) });
    watcher.on('error', () => undefined);
    try {
      // Refused until the Sentinel has heard of the replica.
      await waitFor(() => watcher.call('SENTINEL', 'FAILOVER', 'presence'), RECOVERY_MS);
    } finally {
      watcher.disconnect();
    }
    await waitFor(() => beats(replica, 2n), RECOVERY_MS, { what: 'heartbeats are stored on the new master' });
  });
});

describe('a Redis Cluster behind TLS with a user of few rights', () => {
  it('serves everything, also while slots move', async () => {
    const service = await connectCluster();
    await useEverything(service, SHARDS);
    const presence = new PresenceRedisRepository(service, SHARDS);
    const users = Array.from({ length: 60 }, (_, i) => BigInt(i + 1));
    await cluster.whileSlotsMove(presenceKeys(SHARDS).slice(0, 2), 0, 1, async () => {
      await Promise.all(users.map((user) => presence.updateUserPresence(user, T)));
    });
    expect(await presence.countOnlineUsers(T - 1)).toBe(60);
  });
});

describe('a Redis Cluster whose certificates name hosts and no addresses', () => {
  it('serves everything when it announces the names', async () => {
    const named = await makeCertificates(true, stops, 'DNS:localhost');
    const hosts = await startRedisCluster({ masters: 2, tls: named, announcedHost: 'localhost' });
    stops.push(() => hosts.stop());
    await addUser(hosts.nodes.map((node) => node.server));
    const seeds = hosts.nodes.map(({ proxy }) => ({ host: 'localhost', port: proxy.port }));
    const files = { ...LOGIN, tls: tlsFilesOf(named) };
    await useEverything(await connect({ ...clusterConfigOf(seeds), ...files }), SHARDS);
  });
});

it('the documented rules have no command that the service does not send, and lack none', async () => {
  const servers = [server, ...cluster.nodes.map((node) => node.server)];
  const run = await Promise.all(
    servers.map((each) =>
      asAdministrator(each, async (client) => ({
        commands: await commandsOf(client),
        refused: (await client.call('ACL', 'LOG')) as unknown[],
      })),
    ),
  );
  const used = new Set(run.flatMap(({ commands }) => commands));
  expect(allowedCommands(RULES).filter((command) => !used.has(command))).toEqual([]);
  // The refused commands of the test above: four commands, a key, and a password.
  const [alone, ...nodes] = run;
  expect(alone?.refused).toHaveLength(6);
  expect(nodes.map(({ refused }) => refused)).toEqual([[], []]);
});
