import { describe, expect, it } from '@jest/globals';
import { keySlot, SLOTS } from '../../../../src/infrastructure/redis/key-slot.js';
import { presenceKeys, shardNumber } from '../../../../src/infrastructure/redis/presence-keys.js';

const SHARDS = 256;
const USERS = 100_000;

/** Counts items by their number. */
function tally(numbers: readonly number[], size: number): number[] {
  const counts = new Array<number>(size).fill(0);
  for (const number of numbers) counts[number]! += 1;
  return counts;
}

describe('the keys of the presence shards', () => {
  it('are the one key of the specification for one shard', () => {
    expect(presenceKeys(1)).toEqual(['presence:online_users']);
  });

  it.each([2, 3, 12, 256, 1024])('of %i shards are different keys', (count) => {
    expect(new Set(presenceKeys(count)).size).toBe(count);
  });

  it('of different numbers of shards are different keys, so that none holds users of both', () => {
    const keys = [1, 2, 64, 128, 256, 1024].flatMap((count) => presenceKeys(count));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([2, 3, 5, 7, 16, 100])('are spread evenly over %i masters', (masters) => {
    const slots = presenceKeys(SHARDS).map(keySlot);
    const perMaster = tally(
      slots.map((slot) => Math.floor((slot * masters) / SLOTS)),
      masters,
    );
    expect(Math.max(...perMaster) - Math.min(...perMaster)).toBeLessThanOrEqual(2);
  });
});

describe('the shard of a user', () => {
  it.each<[string, (i: number) => bigint]>([
    ['one after another', (i) => BigInt(i + 1)],
    ['even', (i) => BigInt(2 * i)],
    ['multiples of 256', (i) => BigInt(256 * i)],
    ['of a generator whose last 22 bits are mostly zero', (i) => BigInt(i) << 22n],
    ['multiples of 1000', (i) => BigInt(1000 * i)],
    ['the largest', (i) => 2n ** 63n - 1n - BigInt(i)],
  ])('is spread evenly when ids are %s', (_, idOf) => {
    const shards = Array.from({ length: USERS }, (_each, i) => shardNumber(idOf(i), SHARDS));
    const perShard = tally(shards, SHARDS);
    expect(Math.max(...perShard)).toBeLessThan((1.3 * USERS) / SHARDS);
    expect(Math.min(...perShard)).toBeGreaterThan((0.7 * USERS) / SHARDS);
  });

  it('is the only one when there is one', () => {
    expect(shardNumber(2n ** 63n - 1n, 1)).toBe(0);
  });
});
