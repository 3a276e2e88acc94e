import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { ProxiedConnection, reset } from './connection.js';
import type { Link } from './link.js';
import type { LinkMode } from './link-mode.js';

const HOST = '127.0.0.1';

/** A TCP proxy before one server, whose link can be cut, silent, slow, or change the borders of packets. */
export class TcpProxy implements Link {
  private readonly connections = new Set<ProxiedConnection>();
  private current: LinkMode = 'pass';

  private constructor(
    private readonly listener: Server,
    private readonly targetPort: () => number,
  ) {
    listener.on('connection', (client: Socket) => {
      this.admit(client);
    });
  }

  /**
   * Starts a proxy on a free port before a server on this machine.
   *
   * @param target its port, or a function that is asked at each new connection
   */
  static async start(target: number | (() => number)): Promise<TcpProxy> {
    const targetPort = typeof target === 'number' ? () => target : target;
    // Half-open connections stay so: the end of one direction is forwarded after its last byte.
    const listener = createServer({ allowHalfOpen: true });
    const proxy = new TcpProxy(listener, targetPort);
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(0, HOST, resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  get openConnections(): number {
    return this.connections.size;
  }

  /** Changes what happens to open and new connections; bytes that were held back follow. */
  setMode(mode: LinkMode): void {
    this.current = mode;
    for (const connection of this.connections) connection.wake();
  }

  /** Resets every open connection. */
  cut(): void {
    for (const connection of this.connections) connection.reset();
  }

  /** Makes every open connection silent for good; new ones work. */
  silenceOpenConnections(): void {
    for (const connection of this.connections) connection.silence();
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.listener.close(() => resolve()));
    this.cut();
    await closed;
  }

  private admit(client: Socket): void {
    if (this.current === 'refuse') {
      client.on('error', () => undefined);
      reset(client);
      return;
    }
    const server = connect({ port: this.targetPort(), host: HOST, allowHalfOpen: true });
    const connection = new ProxiedConnection(
      client,
      server,
      () => this.current,
      () => this.connections.delete(connection),
    );
    this.connections.add(connection);
  }
}
