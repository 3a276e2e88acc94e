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

  private grow(word: number): void {
    const words = new Uint32Array(Math.max(word + 1, 2 * this.words.length));
    words.set(this.words);
    this.words = words;
  }
}
