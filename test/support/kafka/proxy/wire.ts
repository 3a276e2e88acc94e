/** Kafka's wire encoding, as far as the proxies read and write it. */

export const PRODUCE = 0;
export const METADATA = 3;
export const FIND_COORDINATOR = 10;
export const JOIN_GROUP = 11;
export const SYNC_GROUP = 14;
export const SASL_HANDSHAKE = 17;
export const API_VERSIONS = 18;
export const SASL_AUTHENTICATE = 36;

const HIGHEST_FRAME_BYTES = 100 * 2 ** 20;

export interface Request {
  readonly key: number;
  readonly version: number;
  readonly correlationId: number;
  readonly body: Reader;
}

/**
 * Splits a stream into Kafka's frames: four bytes of length, then as many bytes.
 *
 * @param giveUp called for bytes that are not a frame
 */
export function frames(handle: (frame: Buffer) => void, giveUp: () => void): (chunk: Buffer) => void {
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

/** Returns the length of the frame that begins here, or 4 while its length is incomplete. */
function frameLength(bytesSoFar: Buffer): number {
  if (bytesSoFar.length < 4) return 4;
  const length = bytesSoFar.readInt32BE(0);
  // Another protocol, such as TLS on a plain-text port, reads as an impossible length.
  if (length < 4 || length > HIGHEST_FRAME_BYTES) throw new Error(`A frame of ${length} bytes`);
  return 4 + length;
}

export function requestIn(frame: Buffer): Request {
  const reader = new Reader(frame, 4);
  const [key, version, correlationId] = [reader.int16(), reader.int16(), reader.int32()];
  // Skips the client id.
  reader.string();
  return { key, version, correlationId, body: reader };
}

export class Reader {
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

  /** Reads a number of the compact encoding, seven bits a byte. */
  varint(): number {
    let [value, shift, byte] = [0, 0, 0];
    do {
      byte = this.buffer.readUInt8(this.at++);
      value |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte > 0x7f);
    return value;
  }

  compactString(): string | null {
    const length = this.varint() - 1;
    return length < 0 ? null : this.take(length).toString();
  }

  skipTags(): void {
    for (let tags = this.varint(); tags > 0; tags--) {
      this.varint();
      this.skip(this.varint());
    }
  }

  skip(length: number): void {
    this.at += length;
  }

  bytes(): Buffer {
    return this.take(Math.max(0, this.int32()));
  }

  /** Returns the bytes read since the last call. */
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

export function string(value: string | null): Buffer {
  if (value === null) return int16(-1);
  return Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
}

/** Returns a number in the compact encoding. */
export function varint(value: number): Buffer {
  const written: number[] = [];
  for (; value > 0x7f; value >>>= 7) written.push((value & 0x7f) | 0x80);
  return Buffer.from([...written, value]);
}

export function compactString(value: string): Buffer {
  return Buffer.concat([varint(Buffer.byteLength(value) + 1), Buffer.from(value)]);
}

export function bytes(value: string): Buffer {
  return Buffer.concat([int32(Buffer.byteLength(value)), Buffer.from(value)]);
}
