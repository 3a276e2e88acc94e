/** Number of bits in a row of `analytics_active_bits`. */
export const CHUNK_BITS = 15_872;
const CHUNK_BYTES = CHUNK_BITS / 8;

/** The bits of one bucket, kept by chunk; a chunk without a bit is absent. */
export class BitChunks {
  private readonly chunks = new Map<number, Buffer>();

  add(id: number): void {
    const chunk = Math.floor(id / CHUNK_BITS);
    let bits = this.chunks.get(chunk);
    if (bits === undefined) this.chunks.set(chunk, (bits = Buffer.alloc(CHUNK_BYTES)));
    const offset = id - chunk * CHUNK_BITS;
    // PostgreSQL's first bit of a string is the highest of the first byte.
    bits[offset >> 3] = (bits[offset >> 3] as number) | (0x80 >> (offset & 7));
  }

  /** Returns each chunk with its bits as a literal, such as `x00FF`, ascending. */
  toLiterals(): { readonly chunk: number; readonly bits: string }[] {
    return [...this.chunks]
      .sort(([a], [b]) => a - b)
      .map(([chunk, bits]) => ({ chunk, bits: `x${bits.toString('hex')}` }));
  }
}

/** Reads ids that PostgreSQL wrote with `int4send`, four bytes each. */
export function readIds(bytes: Buffer): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ids = new Uint32Array(bytes.length / 4);
  for (let i = 0; i < ids.length; i++) ids[i] = view.getUint32(4 * i);
  return ids;
}
