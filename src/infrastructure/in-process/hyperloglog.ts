import { createHash } from 'node:crypto';

const PRECISION = 14;
const REGISTERS = 1 << PRECISION;
/** Bits of the hash behind the register's number; their first one bit decides the rank. */
const RANK_BITS = 64 - PRECISION;

/**
 * HyperLogLog with the size and the estimator of Redis: 2^14 registers, standard error 0.81 % at any cardinality.
 * Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", arXiv:1702.01284, algorithm 6.
 */
export class HyperLogLog {
  private readonly registers = new Uint8Array(REGISTERS);

  add(element: string): void {
    const hash = createHash('sha1').update(element).digest().readBigUInt64BE();
    const register = Number(hash >> BigInt(RANK_BITS));
    const rankBits = hash & ((1n << BigInt(RANK_BITS)) - 1n);
    // The rank is the position of the first one bit, and one more than the last position when all bits are zero.
    const rank = rankBits === 0n ? RANK_BITS + 1 : RANK_BITS - rankBits.toString(2).length + 1;
    if (rank > (this.registers[register] ?? 0)) this.registers[register] = rank;
  }

  count(): number {
    const histogram = new Array<number>(RANK_BITS + 2).fill(0);
    for (const rank of this.registers) histogram[rank] = (histogram[rank] ?? 0) + 1;
    const registersOf = (rank: number): number => histogram[rank] ?? 0;

    let z = REGISTERS * tau(1 - registersOf(RANK_BITS + 1) / REGISTERS);
    for (let rank = RANK_BITS; rank >= 1; rank--) z = 0.5 * (z + registersOf(rank));
    z += REGISTERS * sigma(registersOf(0) / REGISTERS);
    return Math.round((REGISTERS * REGISTERS) / (2 * Math.LN2 * z));
  }
}

function sigma(x: number): number {
  if (x === 1) return Infinity;
  let [power, weight, sum, previous] = [x, 1, x, -1];
  while (sum !== previous) {
    power *= power;
    previous = sum;
    sum += power * weight;
    weight += weight;
  }
  return sum;
}

function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let [root, weight, sum, previous] = [x, 1, 1 - x, -1];
  while (sum !== previous) {
    root = Math.sqrt(root);
    previous = sum;
    weight *= 0.5;
    sum -= (1 - root) ** 2 * weight;
  }
  return sum / 3;
}
