import type { Socket } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { waitFor } from '../../support/processes.js';
import { RECOVERY_MS } from '../../support/recovery.js';
import { playRedis } from '../../support/redis-peer.js';
import { RedisProxy } from '../../support/redis-proxy.js';
import { startRedisServer, type RedisServer } from '../../support/redis.js';
import { startService, type Service } from '../../support/service.js';
import { beat, expectRecovery, limitedSettings } from './service-client.js';

const BEATS = 10;

/** Peers that break the connection or the protocol at some moment of a connection's life. */
const PEERS: Readonly<Record<string, (client: Socket) => void>> = {
  'closes at once': (client) => client.end(),
  'resets at once': (client) => client.resetAndDestroy(),
  'resets after the first bytes': (client) => client.once('data', () => client.resetAndDestroy()),
  'closes after the first bytes': (client) => client.once('data', () => client.end()),
  'sends garbage': (client) => client.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
  'sends replies that nobody asked for': (client) =>
    client.write('+OK\r\n:1\r\n-ERR no\r\n>2\r\n+x\r\n+y\r\n'),
  'answers half and resets': (client) =>
    client.once('data', () => client.write('$100\r\nhalf', () => client.resetAndDestroy())),
  'answers everything with an error': (client) => client.on('data', () => client.write('-ERR no\r\n')),
  'refuses the handshake': (client) =>
    client.on('data', () => client.write('-NOAUTH Authentication required.\r\n')),
  'loads its data for ever': playRedis(() => '-LOADING Redis is loading the dataset in memory\r\n'),
  'answers with replies of another kind': playRedis(() => '*2\r\n:1\r\n%1\r\n+a\r\n_\r\n'),
  'answers twice': playRedis(() => ':1\r\n:1\r\n'),
  'answers and resets': (client) => {
    playRedis(() => ':1\r\n')(client);
    client.on('data', () => setImmediate(() => client.resetAndDestroy()));
  },
};

/** Describes that nothing which arrives on a connection to Redis, or ends it, ends the process. */
export function describeRedisMisbehaves(): void {
  describe.each([
    ['a Redis', false],
    ['a node of a Redis Cluster', true],
  ])('%s', (_, cluster) => {
    let redis: RedisServer;
    let proxy: RedisProxy;
    let database: TestDatabase;
    let service: Service;

    beforeAll(async () => {
      proxy = await RedisProxy.start(0);
      [redis, database] = await Promise.all([
        startRedisServer({ cluster, args: cluster ? ['--cluster-announce-port', String(proxy.port)] : [] }),
        createTestDatabase(),
      ]);
      proxy.moveTo(redis.port);
      service = await startService({
        env: {
          ...limitedSettings({ databaseUrl: database.serviceUrl, redis: proxy }),
          REDIS_CLUSTER: String(cluster),
        },
      });
    });

    afterAll(async () => {
      const exitCode = await service?.stop();
      await proxy?.stop();
      await Promise.all([redis?.stop(), database?.drop()]);
      expect(exitCode).toBe(0);
    });

    it.each(Object.keys(PEERS))('that %s ends no process, and is used again once it works', async (name) => {
      await expectRecovery(() => beat(service));
      proxy.moveTo(PEERS[name]!);
      proxy.reset();
      const { accepted } = proxy;
      await waitFor(() => proxy.accepted > accepted, RECOVERY_MS, { what: 'the service meets the peer' });
      for (let i = 0; i < BEATS; i++) expect([200, 503]).toContain((await beat(service)).status);
      proxy.moveTo(redis.port);
      proxy.reset();
      await expectRecovery(() => beat(service));
      expect(service.output()).not.toMatch(/Uncaught|Unhandled/);
    });
  });
}
