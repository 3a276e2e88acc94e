const FIRST_WORDS = 1024;

/** A set of ids of one bucket as bits, which grows with the largest id. */
export class IdSet {
  size = 0;
  private words = new Uint32Array(FIRST_WORDS);

  /** @returns false when the id was in the set already */
  add(id: number): boolean {
    const word = id >>> 5;
    if (word >= this.words.length) this.grow(word);
    const bit = 1 << (id & 31);
    const before = this.words[word] as number;
    if ((before & bit) !== 0) return false;
    this.words[word] = before | bit;
    this.size++;
    return true;
  }

  /**
   * Adds a list that `encodeIds` wrote. Repeats the loop of `decodeIds`, because a breakdown reads forty million ids
   * and a call for each would cost more than the rest.
   */
  addList(bytes: Buffer): void {
    let { words } = this;
    let added = 0;
    let next = 0;
    for (let i = 0; i < bytes.length;) {
      let byte = bytes[i++] as number;
      let gap = byte & 127;
      for (let shift = 7; byte > 127; shift += 7) {
        byte = bytes[i++] as number;
        gap |= (byte & 127) << shift;
      }
      const id = next + gap;
      next = id + 1;
      const word = id >>> 5;
      if (word >= words.length) {
        this.grow(word);
        ({ words } = this);
      }
      const before = words[word] as number;
      const after = before | (1 << (id & 31));
      // Stays branchless: whether an id is new is a coin toss.
      added += Number(before !== after >>> 0);
      words[word] = after;
    }
    this.size += added;
  }

  private grow(word: number): void {
    const words = new Uint32Array(Math.max(word + 1, 2 * this.words.length));
    words.set(this.words);
    this.words = words;
  }
}
