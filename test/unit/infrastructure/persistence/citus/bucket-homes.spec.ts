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
  homes.learn('one', tells(1, [1, 2, 1]));
  homes.learn('two', tells(2, [1, 2, 1]));
});

describe('the homes of buckets', () => {
  it('are the configured nodes that have them', () => {
    expect(known()).toEqual(['one', 'two', 'one']);
  });

  it('are known of a node as soon as it answers, whatever the others do', () => {
    homes = new BucketHomes();
    homes.learn('two', tells(2, [1, 2, 1]));
    expect(known()).toEqual([undefined, 'two', undefined]);
    homes.learn('one', tells(1, [1, 2, 1]));
    expect(known()).toEqual(['one', 'two', 'one']);
  });

  it('follow a move between configured nodes, whichever tells of it', () => {
    homes.learn('two', tells(2, [2, 2, 1]));
    expect(known()).toEqual(['two', 'two', 'one']);
    homes.learn('one', tells(1, [2, 2, 2]));
    expect(known()).toEqual(['two', 'two', 'two']);
  });

  it('are forgotten when a bucket moves to a node that is not configured', () => {
    homes.learn('two', tells(2, [3, 2, 1]));
    expect(known()).toEqual([undefined, 'two', 'one']);
  });

  it('stay with a node that does not answer, while the others see its buckets there', () => {
    homes.learn('two', tells(2, [1, 2, 2]));
    expect(known()).toEqual(['one', 'two', 'two']);
  });

  it('stay as they are when a node knows no places', () => {
    homes.learn('two', []);
    expect(known()).toEqual(['one', 'two', 'one']);
  });
});
