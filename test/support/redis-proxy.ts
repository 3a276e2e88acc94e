import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { RedisCommandReader } from './redis-commands.js';

interface Link {
  readonly client: Socket;
  readonly server: Socket | undefined;
  silent: boolean;
}

/** End of a connection: a port on this machine, or a peer that is played by the test. */
export type Target = number | ((client: Socket) => void);

/**
 * Stands between a client and a Redis, and plays the faults of a network and of moving addresses.
 * A silent connection is one whose peer is gone without FIN: it stays open, and nothing comes or goes.
 */
export class RedisProxy {
  private readonly links = new Set<Link>();
  private silentFromStart = false;
  /** connections accepted so far */
  accepted = 0;

  private constructor(
    private readonly server: Server,
    readonly host: string,
    readonly port: number,
    private target: Target,
    private readonly onCommand: ((words: readonly string[]) => void) | undefined,
  ) {}

  /** @param onCommand receives the words of each command that a client sends */
  static async start(target: Target, onCommand?: (words: readonly string[]) => void): Promise<RedisProxy> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    const proxy = new RedisProxy(server, '127.0.0.1', port, target, onCommand);
    server.on('connection', (client) => proxy.accept(client));
    return proxy;
  }

  get open(): number {
    return this.links.size;
  }

  /** Makes open connections silent; new ones work unless `new` is set. */
  silence(options: { readonly new?: boolean } = {}): void {
    this.silentFromStart = options.new ?? false;
    for (const link of this.links) {
      link.silent = true;
      link.client.pause();
      link.server?.pause();
    }
  }

  /** Lets new connections work again; silent ones stay silent. */
  heal(): void {
    this.silentFromStart = false;
  }

  /** Leads new connections elsewhere, as an address that moves does; open ones stay where they are. */
  moveTo(target: Target): void {
    this.target = target;
  }

  /** Resets every connection. */
  reset(): void {
    for (const { client } of this.links) client.resetAndDestroy();
  }

  async stop(): Promise<void> {
    for (const { client, server } of this.links) {
      client.destroy();
      server?.destroy();
    }
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private accept(client: Socket): void {
    this.accepted++;
    const { target } = this;
    const server =
      typeof target === 'number' && !this.silentFromStart ? connect(target, '127.0.0.1') : undefined;
    const link: Link = { client, server, silent: this.silentFromStart };
    this.links.add(link);
    client.on('error', () => undefined);
    client.once('close', () => {
      this.links.delete(link);
      server?.destroy();
    });
    if (link.silent) client.pause();
    else if (typeof target === 'function') target(client);
    if (server === undefined) return;
    server.on('error', () => client.destroy());
    server.once('close', () => {
      if (!link.silent) client.destroy();
    });
    const commands = this.onCommand === undefined ? null : new RedisCommandReader(this.onCommand);
    client.on('data', (bytes) => {
      commands?.read(bytes);
      if (!link.silent) server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (!link.silent) client.write(bytes);
    });
  }
}
