import { Redis } from 'ioredis';

import { waitFor } from './processes.js';
import { RedisProxy } from './redis-proxy.js';
import { startRedisServer, type RedisServer } from './redis.js';

const SLOTS = 16_384;

export interface ClusterNode {
  readonly server: RedisServer;
  /** Stands in front of the node: the cluster tells clients the address of the proxy. */
  readonly proxy: RedisProxy;
}

export interface TestCluster {
  readonly nodes: readonly ClusterNode[];
  stop(): Promise<void>;
}

/** Starts a Redis Cluster whose masters share the slots evenly; a shard that is down leaves the others up. */
export async function startRedisCluster(masters = 3): Promise<TestCluster> {
  const nodes = await Promise.all(Array.from({ length: masters }, startNode));
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.flatMap(({ server, proxy }) => [server.stop(), proxy.stop()]));
  };
  const clients = nodes.map(({ server }) => new Redis({ host: server.host, port: server.port }));
  try {
    const [first] = nodes as [ClusterNode];
    for (const [i, client] of clients.entries()) {
      const [from, to] = [i, i + 1].map((n) => Math.floor((n * SLOTS) / masters)) as [number, number];
      await client.cluster('ADDSLOTS', ...Array.from({ length: to - from }, (_, slot) => from + slot));
      const { host, port } = first.server;
      if (i > 0) await client.call('CLUSTER', 'MEET', host, String(port), String(port + 10_000));
    }
    await waitFor(
      async () => {
        const infos = await Promise.all(clients.map((client) => client.cluster('INFO')));
        return infos.every(
          (info) => info.includes('cluster_state:ok') && info.includes(`cluster_size:${masters}`),
        );
      },
      20_000,
      { what: 'the Redis Cluster is ok' },
    );
  } catch (error) {
    await stop();
    throw error;
  } finally {
    for (const client of clients) client.disconnect();
  }
  return { nodes, stop };
}

async function startNode(): Promise<ClusterNode> {
  const proxy = await RedisProxy.start(0);
  const server = await startRedisServer({
    cluster: true,
    slots: false,
    args: [
      ...['--cluster-announce-port', String(proxy.port), '--cluster-require-full-coverage', 'no'],
      ...['--cluster-node-timeout', '2000'],
    ],
  });
  proxy.moveTo(server.port);
  return { server, proxy };
}
