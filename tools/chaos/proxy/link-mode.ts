/**
 * The treatment of bytes: `refuse` also resets new connections, `black-hole` holds everything back, `slow` delays
 * packets, `coalesce` joins the packets of a while into one, `split` cuts them into small pieces.
 */
export type LinkMode = 'pass' | 'refuse' | 'black-hole' | 'slow' | 'coalesce' | 'split';

export const SLOW_BY_MS = 150;
export const COALESCED_FOR_MS = 40;
/** Sizes of the first pieces of a packet; the rest follows in pieces of {@link LARGE_PIECE_BYTES}. */
const PIECE_BYTES = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89] as const;
const LARGE_PIECE_BYTES = 1_400;

/** Returns how long a packet waits before it is forwarded. */
export function delayOf(mode: LinkMode): number {
  return mode === 'slow' ? SLOW_BY_MS : mode === 'coalesce' ? COALESCED_FOR_MS : 0;
}

/** Cuts a packet into the pieces in which it is forwarded. */
export function splitIntoPieces(packet: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let start = 0; start < packet.length;) {
    const size = PIECE_BYTES[pieces.length] ?? LARGE_PIECE_BYTES;
    pieces.push(packet.subarray(start, start + size));
    start += size;
  }
  return pieces;
}
