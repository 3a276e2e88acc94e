import { ListReader } from './id-list.js';

const FIRST_WORDS = 1024;

/** A set of ids of one bucket as bits, which grows with the largest id. */
export class IdSet {
  private words = new Uint32Array(FIRST_WORDS);

  /** @returns false when the id was in the set already */
  add(id: number): boolean {
    const word = id >>> 5;
    if (word >= this.words.length) this.grow(word);
    const bit = 1 << (id & 31);
    const before = this.words[word] as number;
    this.words[word] = before | bit;
    return (before & bit) === 0;
  }

  /** Adds a list that `encodeIds` wrote. A bitmap is added word by word: a breakdown reads forty million ids. */
  addList(bytes: Buffer): void {
    const list = new ListReader(bytes);
    for (let id = list.next(); id !== -2; id = list.next()) {
      if (id >= 0) this.add(id);
      else this.addBitmap(bytes, list);
    }
  }

  count(): number {
    let count = 0;
    for (const word of this.words) if (word !== 0) count += countBits(word);
    return count;
  }

  private addBitmap(bytes: Buffer, { position, bitmapStart, bitmapBytes }: ListReader): void {
    let word = bitmapStart >>> 5;
    const end = word + bitmapBytes / 4;
    if (end > this.words.length) this.grow(end - 1);
    const { words } = this;
    for (let i = position; word < end; word++, i += 4) {
      const added =
        (bytes[i] as number) |
        ((bytes[i + 1] as number) << 8) |
        ((bytes[i + 2] as number) << 16) |
        ((bytes[i + 3] as number) << 24);
      words[word] = (words[word] as number) | added;
    }
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
