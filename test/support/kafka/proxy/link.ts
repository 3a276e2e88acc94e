import type { Socket } from 'node:net';

import { apiVersions, correctApiVersions, HIGHEST_READ } from './api-versions.js';
import type { Followers } from './followers.js';
import { SaslServer, type SaslCredentials } from './sasl.js';
import {
  API_VERSIONS,
  bytes,
  compactString,
  FIND_COORDINATOR,
  frameOf,
  frames,
  int16,
  int32,
  METADATA,
  PRODUCE,
  Reader,
  requestIn,
  SASL_AUTHENTICATE,
  SASL_HANDSHAKE,
  string,
  SYNC_GROUP,
  type Request,
} from './wire.js';

const UNSUPPORTED_SASL_MECHANISM = 33;
const UNSUPPORTED_VERSION = 35;
const SASL_AUTHENTICATION_FAILED = 58;

/** The first version of metadata in the compact encoding. */
const COMPACT_METADATA = 9;

export const HOST = '127.0.0.1';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** An error of Kafka, or a connection that ends before the answer. */
export type WriteError = number | 'lost';

/** Requests whose answers are corrected. */
const CORRECTED: ReadonlySet<number> = new Set([PRODUCE, METADATA, FIND_COORDINATOR, API_VERSIONS]);

/** A client's connection to the proxy and the proxy's connection to the broker. */
export class Link {
  // Requests whose answers need a correction, by correlation id.
  private readonly asked = new Map<number, Request>();
  private readonly sasl: SaslServer | undefined;
  private readonly loginAt: 'proxy' | 'broker' | 'nobody';
  // Answers wait for each other, because one may have to open a proxy before it can name it.
  private answered = Promise.resolve();

  constructor(
    readonly brokerName: string,
    private readonly client: Socket,
    private readonly broker: Socket,
    private readonly portFor: (address: Address) => Promise<number>,
    private readonly followers: Followers,
    private readonly writeError: () => WriteError | null,
    login: SaslCredentials | 'broker' | undefined,
    private readonly onRequest: (key: number) => void,
  ) {
    this.sasl = typeof login === 'object' ? new SaslServer(login) : undefined;
    this.loginAt = login === undefined ? 'nobody' : login === 'broker' ? 'broker' : 'proxy';
    const cut = (): void => this.cut();
    // destroySoon() delivers written bytes before it closes.
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

  cut(): void {
    this.client.destroy();
    this.broker.destroy();
  }

  private fromClient(frame: Buffer): void {
    const request = requestIn(frame);
    const { key, version, correlationId } = request;
    this.onRequest(key);
    const tooHigh = version > (HIGHEST_READ.get(key) ?? Infinity);
    // A broker answers an unknown version in the form of version 0, with the versions it has.
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
        .admit(request)
        .then(() => this.broker.write(frame))
        .catch(() => this.cut());
    else {
      if (CORRECTED.has(key)) this.asked.set(correlationId, request);
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
      // A session lifetime of 0 means that it does not expire.
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
    else if (request.key === PRODUCE) this.answerProduce(frame, request.version);
    else if (request.key === METADATA) this.client.write(await this.correctMetadata(frame, request.version));
    else if (request.key === FIND_COORDINATOR)
      this.client.write(await this.correctCoordinator(frame, request.version));
    else this.client.write(correctApiVersions(frame, request.version, this.loginAt));
  }

  private answerProduce(frame: Buffer, version: number): void {
    const error = this.writeError();
    if (error === 'lost') this.cut();
    else this.client.write(error === null ? frame : this.correctProduce(frame, version, error));
  }

  /** Replaces the result of every partition by the error that the test demands. */
  private correctProduce(frame: Buffer, version: number, error: number): Buffer {
    const reader = new Reader(frame, 8);
    const corrected: Buffer[] = [];
    for (let topics = reader.int32(); topics > 0; topics--) {
      reader.string();
      for (let partitions = reader.int32(); partitions > 0; partitions--) {
        reader.int32();
        corrected.push(reader.sinceMark(), int16(error));
        reader.int16();
        reader.sinceMark();
        // Base offset, then the time since version 2 and the start of the log since version 5.
        reader.skip(8 + (version >= 2 ? 8 : 0) + (version >= 5 ? 8 : 0));
      }
    }
    corrected.push(reader.sinceMark());
    return frameOf(frame.subarray(4, 8), ...corrected, reader.rest());
  }

  /**
   * Replaces the brokers by their proxies, and a controller that does not exist by the first broker.
   * The mock cluster names broker 0 although its ids start at 1, and idempotent producers ask the controller.
   */
  private async correctMetadata(frame: Buffer, version: number): Promise<Buffer> {
    const isCompact = version >= COMPACT_METADATA;
    const reader = new Reader(frame, 8);
    if (isCompact) reader.skipTags();
    if (version >= 3) reader.int32();
    const ids: number[] = [];
    const count = isCompact ? reader.varint() - 1 : reader.int32();
    const corrected = [reader.sinceMark()];
    for (let i = 0; i < count; i++) {
      ids.push(reader.int32());
      corrected.push(reader.sinceMark(), await this.addressIn(reader, isCompact));
      if (isCompact) {
        reader.compactString();
        reader.skipTags();
      } else if (version >= 1) reader.string();
    }
    if (isCompact) reader.compactString();
    else if (version >= 2) reader.string();
    corrected.push(reader.sinceMark());
    if (version >= 1) {
      const controller = reader.int32();
      reader.sinceMark();
      corrected.push(int32(ids.includes(controller) ? controller : (ids[0] ?? controller)));
    }
    return frameOf(frame.subarray(4, 8), ...corrected, reader.rest());
  }

  private async correctCoordinator(frame: Buffer, version: number): Promise<Buffer> {
    const reader = new Reader(frame, 8);
    if (version >= 1) reader.int32();
    // An error names no coordinator.
    if (reader.int16() !== 0) return frame;
    if (version >= 1) reader.string();
    reader.int32();
    const corrected = [reader.sinceMark(), await this.addressIn(reader)];
    return frameOf(frame.subarray(4, 8), ...corrected, reader.rest());
  }

  /** Reads a broker's host and port and returns those of its proxy. */
  private async addressIn(reader: Reader, isCompact = false): Promise<Buffer> {
    const host = isCompact ? reader.compactString() : reader.string();
    const address = { host: host ?? '', port: reader.int32() };
    reader.sinceMark();
    return Buffer.concat([
      isCompact ? compactString(HOST) : string(HOST),
      int32(await this.portFor(address)),
    ]);
  }
}
