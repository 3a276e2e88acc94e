const FIRST_WORDS = 1024;

/** A set of ids of one bucket as bits, which grows with the largest id. */
export class IdSet {
  private words = new Uint32Array(FIRST_WORDS);
  private afterBitmap = 0;

  get bytes(): number {
    return this.words.byteLength;
  }

  /** @returns false when the id was in the set already */
  add(id: number): boolean {
    const word = id >>> 5;
    if (word >= this.words.length) this.grow(word);
    const bit = 1 << (id & 31);
    const before = this.words[word] as number;
    this.words[word] = before | bit;
    return (before & bit) === 0;
  }

  /**
   * Adds a list that `encodeIds` wrote. Repeats the loop of `ListReader`, because a breakdown reads forty million ids
   * and a call for each would cost more than the rest.
   */
  addList(bytes: Buffer): void {
    let { words } = this;
    let next = 0;
    for (let i = 0; i < bytes.length;) {
      let byte = bytes[i++] as number;
      let gap = byte & 127;
      if (byte > 127) {
        byte = bytes[i++] as number;
        if (byte === 0) {
          i = this.addBitmap(bytes, i, next);
          next = this.afterBitmap;
          ({ words } = this);
          continue;
        }
        gap |= (byte & 127) << 7;
        for (let shift = 14; byte > 127; shift += 7) {
          byte = bytes[i++] as number;
          gap |= (byte & 127) << shift;
        }
      }
      const id = next + gap;
      next = id + 1;
      const word = id >>> 5;
      if (word >= words.length) {
        this.grow(word);
        ({ words } = this);
      }
      words[word] = (words[word] as number) | (1 << (id & 31));
    }
  }

  has(id: number): boolean {
    return (((this.words[id >>> 5] ?? 0) >>> (id & 31)) & 1) === 1;
  }

  clear(): void {
    this.words.fill(0);
  }

  count(): number {
    const { words } = this;
    let count = 0;
    // An iterator would cost several times the counting: a breakdown counts millions of words.
    for (let i = words.length - 1; i >= 0; i--) if (words[i] !== 0) count += countBits(words[i] as number);
    return count;
  }

  /** Returns the ids, ascending. */
  toIds(): Uint32Array {
    const { words } = this;
    const ids = new Uint32Array(this.count());
    let filled = 0;
    for (let i = 0; i < words.length; i++) {
      for (let word = words[i] as number; word !== 0; word &= word - 1)
        ids[filled++] = 32 * i + 31 - Math.clz32(word & -word);
    }
    return ids;
  }

  /** @returns where the bitmap ends in the list; `afterBitmap` is the id that follows it */
  private addBitmap(bytes: Buffer, start: number, next: number): number {
    let i = start;
    let byte = bytes[i++] as number;
    let gap = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[i++] as number;
      gap |= (byte & 127) << shift;
    }
    byte = bytes[i++] as number;
    let windows = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[i++] as number;
      windows |= (byte & 127) << shift;
    }
    let word = (next + gap) >>> 5;
    const end = word + 2 * windows;
    if (end > this.words.length) this.grow(end - 1);
    const { words } = this;
    for (; word < end; word++, i += 4) {
      const added =
        (bytes[i] as number) |
        ((bytes[i + 1] as number) << 8) |
        ((bytes[i + 2] as number) << 16) |
        ((bytes[i + 3] as number) << 24);
      words[word] = (words[word] as number) | added;
    }
    this.afterBitmap = next + gap + 64 * windows;
    return i;
  }

  private grow(word: number): void {
    const words = new Uint32Array(Math.max(word + 1, 2 * this.words.length));
    words.set(this.words);
    this.words = words;
  }
}

function countBits(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
