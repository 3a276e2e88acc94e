import { CHUNK_BITS } from './bit-chunks.js';

/** Bytes of the length before the bits that PostgreSQL sends. */
const LENGTH_BYTES = 4;

/** The identities of one bucket that were new on some days, as PostgreSQL's bits by chunk. */
export class NewIds {
  private readonly chunks = new Map<number, Buffer>();

  /** Unites the bits of a day with those before. */
  add(chunk: number, bits: Buffer): void {
    const stored = this.chunks.get(chunk);
    if (stored === undefined) {
      this.chunks.set(chunk, Buffer.from(bits));
      return;
    }
    for (let i = LENGTH_BYTES; i < bits.length; i++) stored[i] = (stored[i] as number) | (bits[i] as number);
  }

  has(id: number): boolean {
    const chunk = Math.floor(id / CHUNK_BITS);
    const offset = id - chunk * CHUNK_BITS;
    const bits = this.chunks.get(chunk);
    if (bits === undefined) return false;
    return ((bits[LENGTH_BYTES + (offset >> 3)] as number) & (0x80 >> (offset & 7))) !== 0;
  }
}
