const MAX_BYTES_AN_ID = 5;

/**
 * Writes ids, ascending and without repeats, as the gaps between them in LEB128: one byte for a gap below 128.
 * docs/adr/0023 compares it with containers of 16-bit numbers.
 */
export function encodeIds(ids: Uint32Array): Buffer {
  const bytes = Buffer.alloc(ids.length * MAX_BYTES_AN_ID);
  let length = 0;
  let next = 0;
  for (const id of ids) {
    let gap = id - next;
    next = id + 1;
    while (gap > 127) {
      bytes[length++] = (gap & 127) | 128;
      gap >>>= 7;
    }
    bytes[length++] = gap;
  }
  return Buffer.from(bytes.subarray(0, length));
}

/** Calls `visit` with each id of a list, ascending. */
export function decodeIds(bytes: Buffer, visit: (id: number) => void): void {
  let next = 0;
  for (let i = 0; i < bytes.length;) {
    let byte = bytes[i++] as number;
    let gap = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[i++] as number;
      gap |= (byte & 127) << shift;
    }
    visit(next + gap);
    next += gap + 1;
  }
}

/** Returns the union of a stored list and of ids in any order, ascending and without repeats. */
export function uniteIds(stored: Buffer | null, ids: Uint32Array): Uint32Array {
  const all: number[] = [];
  if (stored !== null) decodeIds(stored, (id) => all.push(id));
  const union = new Uint32Array(all.length + ids.length);
  union.set(all);
  union.set(ids, all.length);
  union.sort();
  let length = 0;
  for (const id of union) if (length === 0 || union[length - 1] !== id) union[length++] = id;
  return union.subarray(0, length);
}
