/** Object ids of PostgreSQL's types, which never change (pg_type.dat in its source). */
const TYPE_IDS = { uuid: 2950, timestamptz: 1184, int8: 20 } as const;
/** Bytes of an array before its elements: dimensions, flag of nulls, type, size and lower bound. */
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const UUID_BYTES = 16;
const LONG_BYTES = 8;
const TWO_TO_32 = 2 ** 32;
/** Decimal texts up to this length are exact as a double. */
const MAX_EXACT_DIGITS = 15;
/** The start of PostgreSQL's time, 2000-01-01 UTC, in Unix milliseconds. */
const EPOCH_MS = 946_684_800_000;
const HYPHEN = 0x2d;

/** Values of the hexadecimal digits, by their code. */
const NIBBLES = new Uint8Array(128);
for (let value = 0; value < 16; value++) NIBBLES[value.toString(16).charCodeAt(0)] = value;

/**
 * Writes a PostgreSQL array in its binary form (array_recv and its types in PostgreSQL's source), which the server
 * reads many times faster than text. Bounded by the number of elements given.
 */
abstract class BinaryArray {
  protected readonly bytes: Buffer;
  protected used = HEADER_BYTES;
  private count = 0;
  private hasNulls = 0;

  constructor(
    private readonly typeId: number,
    private readonly elementBytes: number,
    maxElements: number,
  ) {
    this.bytes = Buffer.allocUnsafe(HEADER_BYTES + maxElements * (LENGTH_BYTES + elementBytes));
  }

  addNull(): void {
    this.hasNulls = 1;
    this.count++;
    this.used = this.bytes.writeInt32BE(-1, this.used);
  }

  /** Returns the parameter for the driver, which sends bytes as they are. */
  toParameter(): Buffer {
    const header = [this.count === 0 ? 0 : 1, this.hasNulls, this.typeId, this.count, 1];
    header.forEach((field, index) => this.bytes.writeInt32BE(field, index * 4));
    // An array without elements has no dimension, and so neither size nor bound.
    return this.bytes.subarray(0, this.count === 0 ? 12 : this.used);
  }

  /** Begins an element, whose bytes follow. */
  protected begin(): void {
    this.count++;
    this.used = this.bytes.writeInt32BE(this.elementBytes, this.used);
  }

  /** Appends a whole number that a double holds. */
  protected addLong(value: number): void {
    const high = Math.floor(value / TWO_TO_32);
    this.used = this.bytes.writeInt32BE(high, this.used);
    this.used = this.bytes.writeUInt32BE(value - high * TWO_TO_32, this.used);
  }
}

export class UuidArray extends BinaryArray {
  constructor(maxElements: number) {
    super(TYPE_IDS.uuid, UUID_BYTES, maxElements);
  }

  /** @param uuid in lower case, with its hyphens */
  add(uuid: string): void {
    this.begin();
    const { bytes } = this;
    let at = this.used;
    for (let i = 0; i < uuid.length; i += 2) {
      if (uuid.charCodeAt(i) === HYPHEN) i++;
      bytes[at++] =
        ((NIBBLES[uuid.charCodeAt(i)] as number) << 4) | (NIBBLES[uuid.charCodeAt(i + 1)] as number);
    }
    this.used = at;
  }
}

export class InstantArray extends BinaryArray {
  constructor(maxElements: number) {
    super(TYPE_IDS.timestamptz, LONG_BYTES, maxElements);
  }

  add(instant: Date): void {
    this.begin();
    const milliseconds = instant.getTime() - EPOCH_MS;
    const microseconds = milliseconds * 1000;
    if (Number.isSafeInteger(microseconds)) this.addLong(microseconds);
    else this.used = this.bytes.writeBigInt64BE(BigInt(milliseconds) * 1000n, this.used);
  }
}

export class LongArray extends BinaryArray {
  constructor(maxElements: number) {
    super(TYPE_IDS.int8, LONG_BYTES, maxElements);
  }

  /** @param decimal a whole number of 64 bits */
  add(decimal: string): void {
    this.begin();
    if (decimal.length <= MAX_EXACT_DIGITS) this.addLong(Number(decimal));
    else this.used = this.bytes.writeBigInt64BE(BigInt(decimal), this.used);
  }
}
