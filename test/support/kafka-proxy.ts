import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer, type TlsOptions } from 'node:tls';

import { sleep } from './processes.js';

const METADATA = 3;
const FIND_COORDINATOR = 10;
const SYNC_GROUP = 14;
const SASL_HANDSHAKE = 17;
const API_VERSIONS = 18;
const SASL_AUTHENTICATE = 36;

/** The highest versions that are read here: all below the compact encoding. Nothing higher is offered to clients. */
const HIGHEST_READ = new Map([
  [METADATA, 8],
  [FIND_COORDINATOR, 2],
  [SYNC_GROUP, 3],
  [API_VERSIONS, 2],
]);

const UNSUPPORTED_SASL_MECHANISM = 33;
const UNSUPPORTED_VERSION = 35;
const SASL_AUTHENTICATION_FAILED = 58;

const HOST = '127.0.0.1';
const HIGHEST_FRAME_BYTES = 100 * 2 ** 20;

export interface SaslCredentials {
  readonly username: string;
  readonly password: string;
}

export interface KafkaProxyOptions {
  /** What `tls.createServer` takes. Without it the proxies speak plain text. */
  readonly tls?: TlsOptions;
  /** Clients authenticate by PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512, with the proxy alone. */
  readonly sasl?: SaslCredentials;
}

/**
 * One proxy before each broker of a cluster that speaks plain text. Whoever connects to `brokers` stays behind the
 * proxies, since these put themselves in place of the brokers that metadata and coordinator lookups name.
 */
export interface KafkaProxy {
  /** `host:port` of the proxies, comma-separated, in the order of the brokers given */
  readonly brokers: string;
  /** Cuts all connections and lets nobody in. */
  interrupt(): void;
  restore(): void;
  /** Passes no more bytes on; connections stay open, and new ones are accepted. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

export async function startKafkaProxy(brokers: string, options: KafkaProxyOptions = {}): Promise<KafkaProxy> {
  const doors = new Doors(options);
  try {
    const addresses = brokers.split(',').map((broker) => addressOf(broker.trim()));
    const ports = await Promise.all(addresses.map((address) => doors.portFor(address)));
    return {
      brokers: ports.map((port) => `${HOST}:${port}`).join(','),
      interrupt: () => doors.interrupt(),
      restore: () => doors.restore(),
      freeze: () => doors.freeze(),
      thaw: () => doors.thaw(),
      stop: () => doors.close(),
    };
  } catch (error) {
    await doors.close();
    throw error;
  }
}

interface Address {
  readonly host: string;
  readonly port: number;
}

function addressOf(broker: string): Address {
  const colon = broker.lastIndexOf(':');
  return { host: broker.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(broker.slice(colon + 1)) };
}

/** The listening sockets, one for each broker that has been heard of, and the connections through them. */
class Doors {
  private readonly ports = new Map<string, Promise<number>>();
  private readonly servers = new Set<Server>();
  private readonly sockets = new Set<Socket>();
  private readonly links = new Set<Link>();
  private readonly followers = new Followers();
  private held: (() => void)[] = [];
  private interrupted = false;
  private frozen = false;

  constructor(private readonly options: KafkaProxyOptions) {}

  /** The port of the proxy before that broker. Metadata can name brokers that nobody has given before. */
  portFor(address: Address): Promise<number> {
    const name = `${address.host}:${address.port}`;
    const port = this.ports.get(name) ?? this.open(address);
    this.ports.set(name, port);
    return port;
  }

  interrupt(): void {
    this.interrupted = true;
    this.held = [];
    for (const socket of this.sockets) socket.destroy();
  }

  restore(): void {
    this.interrupted = false;
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

  async close(): Promise<void> {
    this.interrupt();
    await Promise.all(
      [...this.servers].map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
  }

  private async open(address: Address): Promise<number> {
    const tls = this.tlsServer(address);
    // Paused: nothing may be read before TLS, where there is any, takes the connection over.
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      if (this.interrupted) {
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
    // A forgotten proxy must not keep the test run from ending.
    server.unref();
    return (server.address() as AddressInfo).port;
  }

  /** It listens nowhere, and is handed the connections. */
  private tlsServer(address: Address): TlsServer | undefined {
    if (this.options.tls === undefined) return undefined;
    const server = createTlsServer(this.options.tls, (socket) => this.link(socket, address));
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    return server;
  }

  private link(client: Socket, { host, port }: Address): void {
    const broker = connect(port, host);
    this.track(client);
    this.track(broker);
    const link = new Link(
      client,
      broker,
      (address) => this.portFor(address),
      this.followers,
      this.options.sasl,
    );
    this.links.add(link);
    for (const socket of [client, broker]) socket.once('close', () => this.links.delete(link));
    if (this.frozen) link.pause();
    else link.resume();
  }

  private track(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.sockets.delete(socket));
  }
}

/** What has its answer mended. */
const MENDED: ReadonlySet<number> = new Set([METADATA, FIND_COORDINATOR, API_VERSIONS]);

interface Request {
  readonly key: number;
  readonly version: number;
  readonly correlationId: number;
  readonly body: Reader;
}

/** A client's connection and its continuation to the broker. */
class Link {
  // Requests whose answers are to be mended, by correlation id.
  private readonly asked = new Map<number, Request>();
  private readonly sasl: SaslServer | undefined;
  // A proxy may have to be opened before an answer can name it; those behind it wait.
  private answered = Promise.resolve();

  constructor(
    private readonly client: Socket,
    private readonly broker: Socket,
    private readonly portFor: (address: Address) => Promise<number>,
    private readonly followers: Followers,
    credentials: SaslCredentials | undefined,
  ) {
    this.sasl = credentials && new SaslServer(credentials);
    const cut = (): void => this.cut();
    // What has been passed on arrives, also when its sender leaves at once.
    client.once('close', () => broker.destroySoon());
    broker.once('close', () => void this.answered.then(() => client.destroySoon()));
    client.on(
      'data',
      frames((frame) => this.fromClient(frame), cut),
    );
    broker.on(
      'data',
      frames((frame) => {
        this.answered = this.answered.then(() => this.fromBroker(frame)).catch(cut);
      }, cut),
    );
  }

  pause(): void {
    this.client.pause();
    this.broker.pause();
  }

  resume(): void {
    this.client.resume();
    this.broker.resume();
  }

  private cut(): void {
    this.client.destroy();
    this.broker.destroy();
  }

  private fromClient(frame: Buffer): void {
    const request = requestIn(frame);
    const { key, version, correlationId } = request;
    const tooHigh = version > (HIGHEST_READ.get(key) ?? Infinity);
    // As a broker does it: in the form of version 0, with the versions it does have.
    if (key === API_VERSIONS && tooHigh)
      this.client.write(
        frameOf(
          int32(correlationId),
          int16(UNSUPPORTED_VERSION),
          apiVersions([{ key, from: 0, to: HIGHEST_READ.get(key)! }]),
        ),
      );
    else if (tooHigh) this.cut();
    else if (this.sasl !== undefined && key === SASL_HANDSHAKE) this.handshake(this.sasl, request);
    else if (this.sasl !== undefined && key === SASL_AUTHENTICATE) this.authenticate(this.sasl, request);
    else if (this.sasl?.authenticated === false && key !== API_VERSIONS) this.cut();
    else if (key === SYNC_GROUP)
      this.followers
        .first(request)
        .then(() => this.broker.write(frame))
        .catch(() => this.cut());
    else {
      if (MENDED.has(key)) this.asked.set(correlationId, request);
      this.broker.write(frame);
    }
  }

  private handshake(sasl: SaslServer, { correlationId, body }: Request): void {
    const known = sasl.begin(body.string() ?? '');
    const answer = frameOf(
      int32(correlationId),
      int16(known ? 0 : UNSUPPORTED_SASL_MECHANISM),
      int32(SaslServer.MECHANISMS.length),
      ...SaslServer.MECHANISMS.map(string),
    );
    if (known) this.client.write(answer);
    else this.client.end(answer);
  }

  private authenticate(sasl: SaslServer, { correlationId, version, body }: Request): void {
    const token = sasl.next(body.bytes());
    const answer = frameOf(
      int32(correlationId),
      int16(token === null ? SASL_AUTHENTICATION_FAILED : 0),
      string(token === null ? 'Authentication failed: Invalid username or password' : null),
      bytes(token ?? ''),
      // How long the session lives: for ever.
      version >= 1 ? Buffer.alloc(8) : Buffer.alloc(0),
    );
    if (token === null) this.client.end(answer);
    else this.client.write(answer);
  }

  private async fromBroker(frame: Buffer): Promise<void> {
    const correlationId = frame.readInt32BE(4);
    const request = this.asked.get(correlationId);
    this.asked.delete(correlationId);
    if (request === undefined) this.client.write(frame);
    else if (request.key === METADATA) this.client.write(await this.mendMetadata(frame, request.version));
    else if (request.key === FIND_COORDINATOR)
      this.client.write(await this.mendCoordinator(frame, request.version));
    else this.client.write(mendApiVersions(frame, this.sasl !== undefined));
  }

  /**
   * The proxies for the brokers, and a controller that exists: librdkafka's mock cluster says that it is broker 0, though
   * its brokers count from 1, and kafkajs asks the controller when an idempotent producer connects.
   */
  private async mendMetadata(frame: Buffer, version: number): Promise<Buffer> {
    const reader = new Reader(frame, 8);
    if (version >= 3) reader.int32();
    const mended = [reader.sinceMark()];
    const ids: number[] = [];
    const count = reader.int32();
    for (let i = 0; i < count; i++) {
      ids.push(reader.int32());
      mended.push(reader.sinceMark(), await this.addressIn(reader));
      if (version >= 1) reader.string();
    }
    if (version >= 2) reader.string();
    mended.push(reader.sinceMark());
    if (version >= 1) {
      const controller = reader.int32();
      reader.sinceMark();
      mended.push(int32(ids.includes(controller) ? controller : (ids[0] ?? controller)));
    }
    return frameOf(frame.subarray(4, 8), ...mended, reader.rest());
  }

  private async mendCoordinator(frame: Buffer, version: number): Promise<Buffer> {
    const reader = new Reader(frame, 8);
    if (version >= 1) reader.int32();
    // With an error there is no coordinator to put a proxy before.
    if (reader.int16() !== 0) return frame;
    if (version >= 1) reader.string();
    reader.int32();
    const mended = [reader.sinceMark(), await this.addressIn(reader)];
    return frameOf(frame.subarray(4, 8), ...mended, reader.rest());
  }

  /** Reads a broker's host and port and returns those of its proxy. */
  private async addressIn(reader: Reader): Promise<Buffer> {
    const address = { host: reader.string() ?? '', port: reader.int32() };
    reader.sinceMark();
    return Buffer.concat([string(HOST), int32(await this.portFor(address))]);
  }
}

const LEADER_WAITS_AT_MOST_MS = 1_000;
const READ_WITHIN_MS = 20;

/**
 * Lets the leader of a consumer group speak last when a generation begins: librdkafka's mock cluster holds a group for
 * complete as soon as its leader has spoken, and tells whoever comes later that its request is invalid.
 */
class Followers {
  // How many have spoken, by group and generation.
  private readonly spoken = new Map<string, number>();

  async first({ version, body }: Request): Promise<void> {
    const round = `${body.string()} ${body.int32()}`;
    // The ids of the member
    body.string();
    if (version >= 3) body.string();
    // The leader has an assignment for each member, the others have none.
    const members = body.int32();
    if (members === 0) {
      this.spoken.set(round, (this.spoken.get(round) ?? 0) + 1);
    } else if (members > 1) {
      const deadline = performance.now() + LEADER_WAITS_AT_MOST_MS;
      while ((this.spoken.get(round) ?? 0) < members - 1 && performance.now() < deadline) await sleep(5);
      await sleep(READ_WITHIN_MS);
    }
  }
}

interface VersionRange {
  readonly key: number;
  readonly from: number;
  readonly to: number;
}

/** Offers only what the proxy can read, and SASL as the proxy has it. */
function mendApiVersions(frame: Buffer, withSasl: boolean): Buffer {
  const reader = new Reader(frame, 8);
  if (reader.int16() !== 0) return frame;
  const head = reader.sinceMark();
  const ranges = Array.from({ length: reader.int32() }, (): VersionRange => {
    const [key, from, to] = [reader.int16(), reader.int16(), reader.int16()];
    return { key, from, to: Math.min(to, HIGHEST_READ.get(key) ?? to) };
  }).filter(({ key }) => key !== SASL_HANDSHAKE && key !== SASL_AUTHENTICATE);
  if (withSasl) {
    ranges.push({ key: SASL_HANDSHAKE, from: 0, to: 1 }, { key: SASL_AUTHENTICATE, from: 0, to: 1 });
  }
  return frameOf(frame.subarray(4, 8), head, apiVersions(ranges), reader.rest());
}

function apiVersions(ranges: readonly VersionRange[]): Buffer {
  return Buffer.concat([
    int32(ranges.length),
    ...ranges.flatMap(({ key, from, to }) => [int16(key), int16(from), int16(to)]),
  ]);
}

// --- SASL ---------------------------------------------------------------------------------------------------------

const DIGESTS = new Map([
  ['SCRAM-SHA-256', 'sha256'],
  ['SCRAM-SHA-512', 'sha512'],
]);
const ITERATIONS = 4096;

/** The server's side of PLAIN (RFC 4616) and SCRAM (RFC 5802) for one user. */
class SaslServer {
  static readonly MECHANISMS: readonly string[] = ['PLAIN', ...DIGESTS.keys()];

  authenticated = false;
  private mechanism: string | undefined;
  // What the server has said first, between the two messages of SCRAM.
  private scram: { readonly salt: Buffer; readonly nonce: string; readonly messages: string } | undefined;

  constructor(private readonly credentials: SaslCredentials) {}

  begin(mechanism: string): boolean {
    this.authenticated = false;
    this.scram = undefined;
    this.mechanism = SaslServer.MECHANISMS.find((known) => known === mechanism);
    return this.mechanism !== undefined;
  }

  /** The answer to a client's token, or null: it has failed. */
  next(token: Buffer): string | null {
    const text = token.toString();
    const digest = DIGESTS.get(this.mechanism ?? '');
    if (digest !== undefined)
      return this.scram === undefined ? this.scramFirst(text) : this.scramFinal(text, digest);
    const [, username, password] = text.split('\0');
    const { credentials } = this;
    this.authenticated =
      this.mechanism === 'PLAIN' && username === credentials.username && password === credentials.password;
    return this.authenticated ? '' : null;
  }

  private scramFirst(text: string): string | null {
    const [, bare, username, nonce] = /^n,[^,]*,(n=([^,]*),r=([^,]+).*)$/s.exec(text) ?? [];
    const name = username?.replaceAll('=2C', ',').replaceAll('=3D', '=');
    if (bare === undefined || nonce === undefined || name !== this.credentials.username) return null;
    const salt = randomBytes(16);
    const both = nonce + randomBytes(18).toString('base64');
    const answer = `r=${both},s=${salt.toString('base64')},i=${ITERATIONS}`;
    this.scram = { salt, nonce: both, messages: `${bare},${answer}` };
    return answer;
  }

  private scramFinal(text: string, digest: string): string | null {
    const { salt, nonce, messages } = this.scram!;
    this.scram = undefined;
    const [, withoutProof, saidNonce, proof] = /^(c=[^,]+,r=([^,]+).*),p=(.*)$/s.exec(text) ?? [];
    // Not more than Apache Kafka asks for: librdkafka says its own part of the nonce twice.
    if (withoutProof === undefined || saidNonce?.endsWith(nonce) !== true || proof === undefined) return null;
    const hmac = (key: Buffer, said: string): Buffer => createHmac(digest, key).update(said).digest();
    const length = createHash(digest).digest().length;
    const salted = pbkdf2Sync(this.credentials.password, salt, ITERATIONS, length, digest);
    const clientKey = hmac(salted, 'Client Key');
    const exchanged = `${messages},${withoutProof}`;
    const signature = hmac(createHash(digest).update(clientKey).digest(), exchanged);
    const expected = Buffer.from(clientKey.map((byte, i) => byte ^ signature[i]!));
    this.authenticated = expected.equals(Buffer.from(proof, 'base64'));
    return this.authenticated ? `v=${hmac(hmac(salted, 'Server Key'), exchanged).toString('base64')}` : null;
  }
}

// --- Kafka's encoding -----------------------------------------------------------------------------------------------

/** Cuts a stream into Kafka's frames: four bytes of length, then as many bytes. Gives up on what cannot be one. */
function frames(handle: (frame: Buffer) => void, giveUp: () => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let size = 0;
  let needed = 4;
  return (chunk) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size < needed) return;
    try {
      let rest = Buffer.concat(chunks);
      while (rest.length >= (needed = frameLength(rest))) {
        handle(rest.subarray(0, needed));
        rest = rest.subarray(needed);
      }
      chunks = [rest];
      size = rest.length;
    } catch {
      giveUp();
    }
  };
}

/** The length of the frame that begins here, as far as it can be told yet. */
function frameLength(bytesSoFar: Buffer): number {
  if (bytesSoFar.length < 4) return 4;
  const length = bytesSoFar.readInt32BE(0);
  // Not Kafka's language: TLS where plain text is spoken, for one.
  if (length < 4 || length > HIGHEST_FRAME_BYTES) throw new Error(`A frame of ${length} bytes`);
  return 4 + length;
}

function requestIn(frame: Buffer): Request {
  const reader = new Reader(frame, 4);
  const [key, version, correlationId] = [reader.int16(), reader.int16(), reader.int32()];
  // The client's id
  reader.string();
  return { key, version, correlationId, body: reader };
}

class Reader {
  private mark: number;

  constructor(
    private readonly buffer: Buffer,
    private at: number,
  ) {
    this.mark = at;
  }

  int16(): number {
    this.at += 2;
    return this.buffer.readInt16BE(this.at - 2);
  }

  int32(): number {
    this.at += 4;
    return this.buffer.readInt32BE(this.at - 4);
  }

  string(): string | null {
    const length = this.int16();
    return length < 0 ? null : this.take(length).toString();
  }

  bytes(): Buffer {
    return this.take(Math.max(0, this.int32()));
  }

  /** What has been read since this was asked last. */
  sinceMark(): Buffer {
    const read = this.buffer.subarray(this.mark, this.at);
    this.mark = this.at;
    return read;
  }

  rest(): Buffer {
    return this.buffer.subarray(this.at);
  }

  private take(length: number): Buffer {
    this.at += length;
    return this.buffer.subarray(this.at - length, this.at);
  }
}

export function frameOf(...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([int32(body.length), body]);
}

export function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE(value);
  return buffer;
}

export function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

function string(value: string | null): Buffer {
  if (value === null) return int16(-1);
  return Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
}

function bytes(value: string): Buffer {
  return Buffer.concat([int32(Buffer.byteLength(value)), Buffer.from(value)]);
}
