import { assemble, type Parts } from '../../../test/support/parts.js';
import { nodeArguments, startRedisCluster } from '../../../test/support/redis-cluster.js';
import { startRedisServer, type RedisServer } from '../../../test/support/redis.js';
import { waitFor } from '../../../test/support/processes.js';
import { LinkGroup } from '../proxy/link.js';
import { TcpProxy } from '../proxy/tcp-proxy.js';
import { readNodes, type NodeLine } from './redis-cluster-nodes.js';
import { moveSlots } from './redis-slots.js';
import { withRedisAt, type RedisCommand, type RedisStore } from './redis-store.js';
import type { StoreLink } from './store-link.js';

const MASTERS = 3;
const BUS_OFFSET = 10_000;
const FAILOVER_WITHIN_MS = 15_000;

/** A place of the cluster: its address stays when its server is replaced. */
interface Seat {
  server: RedisServer;
  /** The port that clients are told. */
  readonly announcedPort: number;
  readonly link: TcpProxy;
}

/** Redis Cluster of three masters with a replica each. All clients share the links to its nodes. */
export class RedisCluster implements RedisStore {
  readonly cluster = this;
  private turn = 0;
  private hit: Seat | undefined;
  private hitId = '';

  private constructor(
    private readonly seats: readonly Seat[],
    private readonly parts: Parts,
  ) {}

  static start(): Promise<RedisCluster> {
    return assemble(async (parts) => {
      const cluster = await parts.add(startRedisCluster({ masters: MASTERS, replicas: MASTERS }), (each) =>
        each.stop(),
      );
      const seats = await Promise.all(
        [...cluster.nodes, ...cluster.replicas].map(async ({ server, proxy }): Promise<Seat> => {
          const link = await parts.add(TcpProxy.start(server.port), (each) => each.stop());
          proxy.moveTo(link.port);
          return { server, announcedPort: proxy.port, link };
        }),
      );
      return new RedisCluster(seats, parts);
    });
  }

  get settings(): Record<string, string> {
    const hosts = this.seats.map(({ announcedPort }) => `127.0.0.1:${String(announcedPort)}`);
    return { REDIS_HOST: hosts.join(','), REDIS_CLUSTER: 'true' };
  }

  async openLink(): Promise<StoreLink> {
    return {
      link: new LinkGroup(this.seats.map(({ link }) => link)),
      settings: this.settings,
      stop: async () => undefined,
    };
  }

  async freeze(): Promise<void> {
    (await this.nextMaster()).server.pause();
  }

  resume(): void {
    this.hit?.server.resume();
  }

  async kill(): Promise<void> {
    await (await this.nextMaster()).server.kill();
  }

  async shutDown(): Promise<void> {
    await (await this.nextMaster()).server.shutDown();
  }

  /** Starts an empty server in place of the one that has ended, as the replica of its successor. */
  async startAgain(): Promise<void> {
    const { hit } = this;
    if (hit === undefined) return;
    const successor = await waitFor(() => this.successor(), FAILOVER_WITHIN_MS, {
      what: 'a replica takes over from the killed master',
    });
    await hit.server.stop();
    const { port } = hit.server;
    hit.server = await startRedisServer({
      port,
      cluster: true,
      slots: false,
      args: nodeArguments(hit.announcedPort),
    });
    await this.forget(hit);
    await withRedisAt(port, async (client) => {
      const to = this.seatAt(successor.port).server.port;
      await client.call('CLUSTER', 'MEET', '127.0.0.1', String(to), String(to + BUS_OFFSET));
      await waitFor(() => client.call('CLUSTER', 'REPLICATE', successor.id), FAILOVER_WITHIN_MS, {
        what: 'the new node knows the master that it copies',
      });
    });
  }

  async command(...commands: readonly RedisCommand[]): Promise<void> {
    for (const { port } of await this.masters())
      await withRedisAt(this.seatAt(port).server.port, async (client) => {
        for (const [name, ...values] of commands) await client.call(name, ...values);
      });
  }

  /** Moves the slots of the fullest master that have keys to the emptiest one, until `stop` aborts. */
  async reshard(stop: AbortSignal): Promise<number> {
    const bySize = (await this.masters()).sort((left, right) => right.slots.length - left.slots.length);
    const [from, to] = [bySize[0], bySize.at(-1)];
    if (from === undefined || to === undefined || from === to) throw new Error('There is one master only');
    const others = bySize.filter((node) => node !== from && node !== to);
    const portOf = (node: NodeLine): number => this.seatAt(node.port).server.port;
    return moveSlots(
      { id: from.id, port: portOf(from) },
      { id: to.id, port: portOf(to) },
      others.map(portOf),
      from.slots,
      stop,
    );
  }

  /** Lets a replica and its master change places, in an orderly way. */
  async failOver(): Promise<void> {
    const nodes = await this.known();
    const replicas = nodes.filter(({ masterId, isFailing }) => masterId !== undefined && !isFailing);
    const chosen = replicas[this.turn++ % replicas.length];
    if (chosen === undefined) throw new Error('The cluster has no replica');
    await withRedisAt(this.seatAt(chosen.port).server.port, (client) => client.call('CLUSTER', 'FAILOVER'));
    const isMaster = async (): Promise<boolean> => (await this.masters()).some(({ id }) => id === chosen.id);
    await waitFor(isMaster, FAILOVER_WITHIN_MS, { what: 'the replica is the master' });
  }

  async stop(): Promise<void> {
    this.resume();
    // Servers that replaced a killed one are not the cluster's own.
    await Promise.all(this.seats.map(({ server }) => server.stop()));
    await this.parts.stop();
  }

  private async nextMaster(): Promise<Seat> {
    const masters = await this.masters();
    const chosen = masters[this.turn++ % masters.length];
    if (chosen === undefined) throw new Error('The cluster has no master');
    this.hitId = chosen.id;
    this.hit = this.seatAt(chosen.port);
    return this.hit;
  }

  /** Returns the masters that serve slots. */
  private async masters(): Promise<NodeLine[]> {
    const nodes = await this.known();
    return nodes.filter(({ isMaster, isFailing, slots }) => isMaster && !isFailing && slots.length > 0);
  }

  /** Returns the master that has taken over from the node that was hit. */
  private async successor(): Promise<NodeLine | undefined> {
    const nodes = await this.known();
    const old = nodes.find(({ id }) => id === this.hitId);
    if (old !== undefined && old.slots.length > 0) return undefined;
    return (await this.masters()).find(({ id }) => nodes.every(({ masterId }) => masterId !== id));
  }

  /** Asks the first node that answers. */
  private async known(): Promise<NodeLine[]> {
    let last: unknown;
    for (const { server } of this.seats) {
      if (server === this.hit?.server && !(await this.answers(server))) continue;
      try {
        return readNodes(String(await withRedisAt(server.port, (client) => client.call('CLUSTER', 'NODES'))));
      } catch (error) {
        last = error;
      }
    }
    throw new Error('No node of the cluster answers', { cause: last });
  }

  private async answers({ port }: RedisServer): Promise<boolean> {
    return withRedisAt(port, (client) => client.ping()).then(
      () => true,
      () => false,
    );
  }

  /** Makes all nodes forget the former servers of a seat. */
  private async forget(seat: Seat): Promise<void> {
    for (const { server } of this.seats.filter((other) => other !== seat))
      await withRedisAt(server.port, async (client) => {
        const nodes = readNodes(String(await client.call('CLUSTER', 'NODES')));
        for (const { id, port } of nodes)
          if (port === seat.announcedPort) await client.call('CLUSTER', 'FORGET', id).catch(() => undefined);
      });
  }

  private seatAt(announcedPort: number): Seat {
    const seat = this.seats.find((each) => each.announcedPort === announcedPort);
    if (seat === undefined) throw new Error(`No node is announced at port ${String(announcedPort)}`);
    return seat;
  }
}
