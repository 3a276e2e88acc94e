import { Redis } from 'ioredis';

import { keySlot } from '../../src/infrastructure/redis/key-slot.js';
import type { Certificates } from './certificates.js';
import { freePort, waitFor } from './processes.js';
import { RedisProxy } from './redis-proxy.js';
import { startRedisServer, type RedisServer } from './redis.js';
import { tlsArguments } from './redis-tls.js';

const SLOTS = 16_384;
const MOVE_TIMEOUT_MS = 5_000;

export interface ClusterNode {
  readonly server: RedisServer;
  /** Stands in front of the node: the cluster tells clients the address of the proxy. */
  readonly proxy: RedisProxy;
}

export interface ClusterOptions {
  /** default: 3 */
  readonly masters?: number;
  /** replicas of the first masters, one each; default: none */
  readonly replicas?: number;
  /** makes clients connect over TLS; tests still reach the servers themselves without */
  readonly tls?: Certificates;
  /** name by which the nodes tell clients of each other; default: their address */
  readonly announcedHost?: string;
}

export interface TestCluster {
  /** the masters as they were at the start */
  readonly nodes: readonly ClusterNode[];
  readonly replicas: readonly ClusterNode[];
  /** Moves the slots of these keys, and all keys in them, from one of the masters to another. */
  moveSlotsOf(keys: readonly string[], from: number, to: number): Promise<void>;
  /** Runs work while the slots of these keys are on their way, and their keys have left already. */
  whileSlotsMove(keys: readonly string[], from: number, to: number, work: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a Redis Cluster whose masters share the slots evenly; a shard that is down leaves the others up. */
export async function startRedisCluster({
  masters = 3,
  replicas: replicaCount = 0,
  tls,
  announcedHost,
}: ClusterOptions = {}): Promise<TestCluster> {
  const started = await Promise.allSettled(
    Array.from({ length: masters + replicaCount }, () => startNode(tls, announcedHost)),
  );
  const all = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const [nodes, replicas] = [all.slice(0, masters), all.slice(masters)];
  const stop = async (): Promise<void> => {
    await Promise.all(all.flatMap(({ server, proxy }) => [server.stop(), proxy.stop()]));
  };
  try {
    for (const each of started) if (each.status === 'rejected') throw each.reason;
    await withClients(all, async (clients) => {
      await meet(nodes, clients, masters);
      await Promise.all(
        replicas.map((_, i) => replicate(clients[masters + i] as Redis, clients[i] as Redis)),
      );
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    nodes,
    replicas,
    moveSlotsOf: (keys, from, to) => moveSlotsOf(nodes, keys, from, to),
    whileSlotsMove: (keys, from, to, work) => moveSlotsOf(nodes, keys, from, to, work),
    stop,
  };
}

async function withClients<T>(
  nodes: readonly ClusterNode[],
  work: (clients: readonly Redis[]) => Promise<T>,
): Promise<T> {
  const clients = nodes.map(({ server }) => new Redis({ host: server.host, port: server.port }));
  try {
    return await work(clients);
  } finally {
    for (const client of clients) client.disconnect();
  }
}

/** Gives each master its slots, and makes all nodes know each other. */
async function meet(
  nodes: readonly ClusterNode[],
  clients: readonly Redis[],
  masters: number,
): Promise<void> {
  const [first] = nodes as [ClusterNode];
  for (const [i, client] of clients.entries()) {
    if (i < masters) {
      const [from, to] = [i, i + 1].map((n) => Math.floor((n * SLOTS) / masters)) as [number, number];
      await client.cluster('ADDSLOTS', ...Array.from({ length: to - from }, (_, slot) => from + slot));
    }
    const { host, port } = first.server;
    if (i > 0) await client.call('CLUSTER', 'MEET', host, String(port), String(port + 10_000));
  }
  await waitFor(
    async () => {
      const infos = await Promise.all(clients.map((client) => client.cluster('INFO')));
      return infos.every(
        (info) =>
          info.includes('cluster_state:ok') &&
          info.includes(`cluster_size:${masters}`) &&
          info.includes(`cluster_known_nodes:${clients.length}`),
      );
    },
    20_000,
    { what: 'the Redis Cluster is ok' },
  );
}

async function replicate(replica: Redis, master: Redis): Promise<void> {
  const id = await master.cluster('MYID');
  await replica.call('CLUSTER', 'REPLICATE', id);
  await waitFor(async () => (await replica.info('replication')).includes('master_link_status:up'), 20_000, {
    what: 'the replica follows its master',
  });
}

async function moveSlotsOf(
  nodes: readonly ClusterNode[],
  keys: readonly string[],
  from: number,
  to: number,
  meanwhile?: () => Promise<void>,
): Promise<void> {
  await withClients(nodes, async (clients) => {
    const [source, target] = [clients[from], clients[to]] as [Redis, Redis];
    const [sourceId, targetId] = await Promise.all([source, target].map((client) => client.cluster('MYID')));
    const slots = [...new Set(keys.map(keySlot))];
    const move = async (slot: number): Promise<void> => {
      await target.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', sourceId as string);
      await source.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', targetId as string);
      const moved = (await source.call('CLUSTER', 'GETKEYSINSLOT', slot, 1000)) as string[];
      if (moved.length === 0) return;
      const { host, port } = (nodes[to] as ClusterNode).server;
      await source.call('MIGRATE', host, port, '', 0, MOVE_TIMEOUT_MS, 'KEYS', ...moved);
    };
    const finish = async (slot: number): Promise<void> => {
      for (const client of [target, source, ...clients])
        await client.call('CLUSTER', 'SETSLOT', slot, 'NODE', targetId as string);
    };
    if (meanwhile === undefined) {
      for (const slot of slots) {
        await move(slot);
        await finish(slot);
      }
      return;
    }
    for (const slot of slots) await move(slot);
    await meanwhile();
    for (const slot of slots) await finish(slot);
  });
}

/** Arguments of a node that clients reach at `announcedPort`. */
export function nodeArguments(announcedPort: number): string[] {
  return [
    ...['--cluster-announce-port', String(announcedPort), '--cluster-require-full-coverage', 'no'],
    ...['--cluster-node-timeout', '2000', '--cluster-replica-validity-factor', '0'],
    ...['--repl-diskless-sync-delay', '0'],
  ];
}

function hostArguments(name: string): string[] {
  return ['--cluster-announce-hostname', name, '--cluster-preferred-endpoint-type', 'hostname'];
}

async function startNode(tls?: Certificates, announcedHost?: string): Promise<ClusterNode> {
  const proxy = await RedisProxy.start(0);
  const tlsPort = tls === undefined ? null : await freePort();
  const server = await startRedisServer({
    cluster: true,
    slots: false,
    args: [
      ...nodeArguments(proxy.port),
      ...(tls === undefined ? [] : ['--cluster-announce-tls-port', String(proxy.port)]),
      ...(tls === undefined ? [] : tlsArguments(tls, tlsPort as number)),
      ...(announcedHost === undefined ? [] : hostArguments(announcedHost)),
    ],
  }).catch(async (error: unknown) => {
    await proxy.stop();
    throw error;
  });
  proxy.moveTo(tlsPort ?? server.port);
  return { server, proxy };
}
