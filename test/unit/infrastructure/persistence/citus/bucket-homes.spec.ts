import { beforeEach, describe, expect, it } from '@jest/globals';

import {
  BucketHomes,
  type Placement,
} from '../../../../../src/infrastructure/persistence/citus/bucket-homes.js';

/** Returns what the node of a group says of buckets 0, 1 and 2. */
const tells = (own: number, groups: readonly number[]): Placement[] =>
  groups.map((home, bucket) => ({ bucket, home, own }));

let homes: BucketHomes<string>;
const known = () => [0, 1, 2].map((bucket) => homes.get(bucket));

beforeEach(() => {
  homes = new BucketHomes();
  homes.update([
    ['one', tells(1, [1, 2, 1])],
    ['two', tells(2, [1, 2, 1])],
  ]);
});

describe('the homes of buckets', () => {
  it('are the configured nodes that have them', () => {
    expect(known()).toEqual(['one', 'two', 'one']);
  });

  it('follow a move between configured nodes', () => {
    homes.update([
      ['one', tells(1, [2, 2, 1])],
      ['two', tells(2, [2, 2, 1])],
    ]);
    expect(known()).toEqual(['two', 'two', 'one']);
  });

  it('are forgotten when a bucket moves to a node that is not configured', () => {
    homes.update([
      ['one', tells(1, [3, 2, 1])],
      ['two', tells(2, [3, 2, 1])],
    ]);
    expect(known()).toEqual([undefined, 'two', 'one']);
  });

  it('stay with a node that does not answer, while the others see its buckets there', () => {
    homes.update([['two', tells(2, [1, 2, 2])]]);
    expect(known()).toEqual(['one', 'two', 'two']);
  });

  it('leave a node that does not answer for one that is not configured', () => {
    homes.update([['two', tells(2, [3, 2, 3])]]);
    expect(known()).toEqual([undefined, 'two', undefined]);
  });

  it('stay as they are when no node answers', () => {
    homes.update([]);
    expect(known()).toEqual(['one', 'two', 'one']);
  });

  it('are unknown for a node that has never answered', () => {
    homes = new BucketHomes();
    homes.update([['two', tells(2, [1, 2, 1])]]);
    expect(known()).toEqual([undefined, 'two', undefined]);
  });
});
