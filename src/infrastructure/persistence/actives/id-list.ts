/** Announces a bitmap: LEB128 never writes a zero in two bytes. Its distance, number of windows and bytes follow. */
const ESCAPE = [0x80, 0x00] as const;
/** A bitmap begins and ends at multiples of this, so that it fits the words of an `IdSet`. */
const WINDOW_SHIFT = 6;
const WINDOW_BYTES = 8;
/** A bitmap must save more than its head takes. */
const HEAD_BYTES = 6;
const MAX_BYTES_AN_ID = 5;

/**
 * Writes ids, ascending and without repeats, as the gaps between them in LEB128: one byte for a gap below 128. A
 * stretch in which most gaps are small becomes a bitmap (docs/adr/0023).
 */
export function encodeIds(ids: Uint32Array): Buffer {
  const list = new ListWriter(Buffer.alloc(ids.length * MAX_BYTES_AN_ID));
  for (let i = 0; i < ids.length;) {
    const end = endOfStretch(ids, i);
    const windows = ((ids[end - 1] ?? 0) >>> WINDOW_SHIFT) - ((ids[i] as number) >>> WINDOW_SHIFT) + 1;
    if (end - i > windows * WINDOW_BYTES + HEAD_BYTES) list.addBitmap(ids, i, end, windows);
    else for (let each = i; each < end; each++) list.addId(ids[each] as number);
    i = end;
  }
  return list.toBuffer();
}

/** Returns the end of the window of `ids[start]`, and of the dense windows that follow it without a break. */
function endOfStretch(ids: Uint32Array, start: number): number {
  let end = start;
  for (let window = (ids[start] as number) >>> WINDOW_SHIFT; ; window++) {
    const first = end;
    while (end < ids.length && (ids[end] as number) >>> WINDOW_SHIFT === window) end++;
    const isDense = end - first > WINDOW_BYTES;
    if (!isDense) return first === start ? end : first;
  }
}

class ListWriter {
  private length = 0;
  /** The id after the last one that was written. */
  private next = 0;

  constructor(private readonly bytes: Buffer) {}

  addId(id: number): void {
    this.addNumber(id - this.next);
    this.next = id + 1;
  }

  addBitmap(ids: Uint32Array, start: number, end: number, windows: number): void {
    const first = ((ids[start] as number) >>> WINDOW_SHIFT) << WINDOW_SHIFT;
    for (const byte of ESCAPE) this.bytes[this.length++] = byte;
    this.addNumber(first - this.next);
    this.addNumber(windows);
    for (let i = start; i < end; i++) {
      const offset = (ids[i] as number) - first;
      const byte = this.length + (offset >>> 3);
      this.bytes[byte] = (this.bytes[byte] as number) | (1 << (offset & 7));
    }
    this.length += windows * WINDOW_BYTES;
    this.next = first + (windows << WINDOW_SHIFT);
  }

  toBuffer(): Buffer {
    return Buffer.from(this.bytes.subarray(0, this.length));
  }

  private addNumber(value: number): void {
    let rest = value;
    for (; rest > 127; rest >>>= 7) this.bytes[this.length++] = (rest & 127) | 128;
    this.bytes[this.length++] = rest;
  }
}

/** Reads a list front to back, ids one by one and bitmaps whole. */
class ListReader {
  /** Points at the bytes of the bitmap, after `next` returned one. */
  position = 0;
  /** The first id of the bitmap, and the number of its bytes; none after a single id. */
  bitmapStart = 0;
  bitmapBytes = 0;
  private following = 0;

  constructor(private readonly bytes: Buffer) {}

  /** @returns the next id; -1 for a bitmap, which the caller reads; -2 at the end */
  next(): number {
    this.position += this.bitmapBytes;
    this.bitmapBytes = 0;
    if (this.position >= this.bytes.length) return -2;
    if (this.bytes[this.position] === ESCAPE[0] && this.bytes[this.position + 1] === ESCAPE[1]) {
      this.position += ESCAPE.length;
      this.bitmapStart = this.following + this.readNumber();
      this.bitmapBytes = this.readNumber() * WINDOW_BYTES;
      this.following = this.bitmapStart + 8 * this.bitmapBytes;
      return -1;
    }
    const id = this.following + this.readNumber();
    this.following = id + 1;
    return id;
  }

  private readNumber(): number {
    const { bytes } = this;
    let byte = bytes[this.position++] as number;
    let value = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[this.position++] as number;
      value |= (byte & 127) << shift;
    }
    return value;
  }
}

/** Calls `visit` with each id of a list, ascending. */
export function decodeIds(bytes: Buffer, visit: (id: number) => void): void {
  const list = new ListReader(bytes);
  for (let id = list.next(); id !== -2; id = list.next()) {
    if (id >= 0) {
      visit(id);
      continue;
    }
    for (let i = 0; i < list.bitmapBytes; i++) {
      const first = list.bitmapStart + 8 * i;
      for (let byte = bytes[list.position + i] as number; byte !== 0; byte &= byte - 1)
        visit(first + 31 - Math.clz32(byte & -byte));
    }
  }
}

/** Returns the union of a stored list and of ids in any order, ascending and without repeats. */
export function uniteIds(stored: Buffer | null, ids: Uint32Array): Uint32Array {
  // A byte holds eight ids of a bitmap at most.
  const union = new Uint32Array(ids.length + 8 * (stored?.length ?? 0));
  union.set(ids);
  let filled = ids.length;
  if (stored !== null) decodeIds(stored, (id) => (union[filled++] = id));
  const sorted = union.subarray(0, filled).sort();
  let length = 0;
  for (const id of sorted) if (length === 0 || sorted[length - 1] !== id) sorted[length++] = id;
  return sorted.subarray(0, length);
}
