import { createHash } from 'node:crypto';

/**
 * A seeded pseudo-random generator: sfc32 of PractRand (public domain). SHA-256 of the labels fills its 128-bit
 * state, so that thousands of independent streams do not collide.
 */
export class Random {
  private constructor(
    private a: number,
    private b: number,
    private c: number,
    private counter: number,
  ) {}

  /** Creates the stream of these labels; equal labels give equal numbers. */
  static from(...labels: readonly (string | number)[]): Random {
    const digest = createHash('sha256').update(JSON.stringify(labels)).digest();
    return new Random(
      digest.readInt32LE(0),
      digest.readInt32LE(4),
      digest.readInt32LE(8),
      digest.readInt32LE(12),
    );
  }

  uint32(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** Returns a number in [0, 1). */
  next(): number {
    return this.uint32() / 4_294_967_296;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** Returns a whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick<T>(list: readonly T[]): T {
    const chosen = list[Math.floor(this.next() * list.length)];
    if (chosen === undefined) throw new RangeError('nothing to pick from');
    return chosen;
  }

  weighted<T extends { readonly weight: number }>(list: readonly T[]): T {
    let rest = this.next() * list.reduce((sum, entry) => sum + entry.weight, 0);
    for (const entry of list) {
      rest -= entry.weight;
      if (rest < 0) return entry;
    }
    // Rounding can leave a rest of zero, which means the last entry.
    const last = list.at(-1);
    if (last === undefined) throw new RangeError('nothing to pick from');
    return last;
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** Draws from a log-normal distribution; `sigma` is the standard deviation of the logarithm. */
  logNormal(median: number, sigma: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * this.next()));
  }

  /** Returns a version 4 UUID. */
  uuid(): string {
    const hex = [this.uint32(), this.uint32(), this.uint32(), this.uint32()]
      .map((word) => word.toString(16).padStart(8, '0'))
      .join('');
    const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}
