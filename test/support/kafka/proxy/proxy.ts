import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer, type TlsOptions } from 'node:tls';

import { Followers } from './followers.js';
import { HOST, Link, type Address, type WriteError } from './link.js';
import type { SaslCredentials } from './sasl.js';
import { JOIN_GROUP } from './wire.js';

export interface KafkaProxyOptions {
  /** The options of `tls.createServer`; without them the proxies speak plain text. */
  readonly tls?: TlsOptions;
  /** The credentials that the proxy itself requires, by PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; or the broker's own. */
  readonly sasl?: SaslCredentials | 'broker';
  /** Returns the port by which a broker is reached, such as that of another proxy before it. */
  readonly portOf?: (broker: Address) => number;
}

/**
 * One proxy before each broker of a plain-text cluster. They replace the broker addresses in metadata and
 * coordinator answers with their own, so that a client of `brokers` connects to proxies alone.
 */
export interface KafkaProxy {
  /** `host:port` of the proxies, comma-separated, in the order of the brokers given */
  readonly brokers: string;
  /** Cuts all connections and refuses new ones, or those to one broker alone. */
  interrupt(broker?: string): void;
  restore(): void;
  /** Stops passing bytes on; connections stay open, and new ones are accepted. */
  freeze(): void;
  thaw(): void;
  /** Stops passing bytes on for good, on the connections of this moment alone; new ones work. */
  silence(): void;
  /** Answers writes, or so many of them, with this error of Kafka although the broker has stored them; null ends it. */
  refuseWrites(error: number | null, times?: number): void;
  /** Cuts the connection of the next write instead of passing its answer on. */
  loseNextAnswer(): void;
  /** Resolves when a client next asks to join a consumer group. */
  nextJoin(): Promise<void>;
  stop(): Promise<void>;
}

export async function startKafkaProxy(brokers: string, options: KafkaProxyOptions = {}): Promise<KafkaProxy> {
  const listeners = new Listeners(options);
  try {
    const addresses = brokers.split(',').map((broker) => addressOf(broker.trim()));
    const ports = await Promise.all(addresses.map((address) => listeners.portFor(address)));
    return {
      brokers: ports.map((port) => `${HOST}:${port}`).join(','),
      interrupt: (broker) => listeners.interrupt(broker),
      restore: () => listeners.restore(),
      freeze: () => listeners.freeze(),
      thaw: () => listeners.thaw(),
      silence: () => listeners.silence(),
      refuseWrites: (error, times) => listeners.refuseWrites(error, times),
      loseNextAnswer: () => listeners.refuseWrites('lost', 1),
      nextJoin: () => listeners.nextJoin(),
      stop: () => listeners.close(),
    };
  } catch (error) {
    await listeners.close();
    throw error;
  }
}

function addressOf(broker: string): Address {
  const colon = broker.lastIndexOf(':');
  return { host: broker.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(broker.slice(colon + 1)) };
}

/** Keeps one listening socket for each known broker, and the connections through them. */
class Listeners {
  private readonly ports = new Map<string, Promise<number>>();
  private readonly servers = new Set<Server>();
  private readonly sockets = new Set<Socket>();
  private readonly links = new Set<Link>();
  private readonly followers = new Followers();
  private held: (() => void)[] = [];
  private readonly onJoin: (() => void)[] = [];
  private interrupted = false;
  private readonly cutOff = new Set<string>();
  private frozen = false;
  private refusal: { readonly error: WriteError; left: number } | null = null;

  constructor(private readonly options: KafkaProxyOptions) {}

  /** Returns the port of the proxy before a broker; metadata can name brokers that the caller did not. */
  portFor(address: Address): Promise<number> {
    const name = `${address.host}:${address.port}`;
    const port = this.ports.get(name) ?? this.open(address);
    this.ports.set(name, port);
    return port;
  }

  interrupt(broker?: string): void {
    if (broker !== undefined) {
      this.cutOff.add(broker);
      for (const link of this.links) if (link.brokerName === broker) link.cut();
      return;
    }
    this.interrupted = true;
    this.held = [];
    for (const socket of this.sockets) socket.destroy();
  }

  restore(): void {
    this.interrupted = false;
    this.cutOff.clear();
  }

  freeze(): void {
    this.frozen = true;
    for (const link of this.links) link.pause();
  }

  thaw(): void {
    this.frozen = false;
    for (const link of this.links) link.resume();
    for (const admit of this.held.splice(0)) admit();
  }

  silence(): void {
    for (const link of this.links) link.pause();
    this.links.clear();
  }

  refuseWrites(error: WriteError | null, times = Infinity): void {
    this.refusal = error === null ? null : { error, left: times };
  }

  nextJoin(): Promise<void> {
    return new Promise((resolve) => this.onJoin.push(resolve));
  }

  async close(): Promise<void> {
    this.interrupt();
    await Promise.all(
      [...this.servers].map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
  }

  private async open(address: Address): Promise<number> {
    const tls = this.tlsServer(address);
    // The socket starts paused so that TLS reads the first byte.
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      if (this.interrupted || this.cutOff.has(`${address.host}:${address.port}`)) {
        socket.destroy();
        return;
      }
      this.track(socket);
      const admit = (): void => {
        if (socket.destroyed) return;
        if (tls === undefined) this.link(socket, address);
        else tls.emit('connection', socket);
      };
      if (this.frozen) this.held.push(admit);
      else admit();
    });
    this.servers.add(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, HOST, resolve);
    });
    // A proxy that a test leaves open does not keep the test run alive.
    server.unref();
    return (server.address() as AddressInfo).port;
  }

  /** Makes a TLS server that does not listen: it receives accepted connections. */
  private tlsServer(address: Address): TlsServer | undefined {
    if (this.options.tls === undefined) return undefined;
    const server = createTlsServer(this.options.tls, (socket) => this.link(socket, address));
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    return server;
  }

  private link(client: Socket, address: Address): void {
    const { host, port } = address;
    const broker = connect(this.options.portOf?.(address) ?? port, host);
    this.track(client);
    this.track(broker);
    const link = new Link(
      `${host}:${port}`,
      client,
      broker,
      (address) => this.portFor(address),
      this.followers,
      () => this.nextWriteError(),
      this.options.sasl,
      (key) => {
        if (key === JOIN_GROUP) for (const resolve of this.onJoin.splice(0)) resolve();
      },
    );
    this.links.add(link);
    for (const socket of [client, broker]) socket.once('close', () => this.links.delete(link));
    if (this.frozen) link.pause();
    else link.resume();
  }

  private nextWriteError(): WriteError | null {
    if (this.refusal === null || this.refusal.left === 0) return null;
    this.refusal.left--;
    return this.refusal.error;
  }

  private track(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.sockets.delete(socket));
  }
}
