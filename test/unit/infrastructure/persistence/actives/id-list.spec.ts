import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  BitChunks,
  CHUNK_BITS,
  readIds,
} from '../../../../../src/infrastructure/persistence/actives/bit-chunks.js';
import {
  decodeIds,
  encodeIds,
  uniteIds,
} from '../../../../../src/infrastructure/persistence/actives/id-list.js';
import { IdSet } from '../../../../../src/infrastructure/persistence/actives/id-set.js';
import { RollingWindow } from '../../../../../src/infrastructure/persistence/actives/rolling-window.js';

const MAX_ID = 2 ** 31 - 1;
const sparse = fc.uniqueArray(fc.oneof(fc.nat(300), fc.nat(40_000), fc.nat(MAX_ID)), { maxLength: 200 });
/** A stretch in which `tenths` of ten ids are there. */
const stretch = fc
  .record({ start: fc.nat(MAX_ID - 1000), length: fc.nat(1000), tenths: fc.integer({ min: 1, max: 10 }) })
  .map(({ start, length, tenths }) =>
    Array.from({ length }, (_, n) => start + n).filter((id) => (id * 7919) % 10 < tenths),
  );
const ids = fc
  .tuple(sparse, fc.array(stretch, { maxLength: 4 }))
  .map(([single, stretches]) => [...new Set([...single, ...stretches.flat()])]);
const ascending = (values: readonly number[]): Uint32Array => Uint32Array.from(values).sort();

function decoded(bytes: Buffer): number[] {
  const found: number[] = [];
  decodeIds(bytes, (id) => found.push(id));
  return found;
}

describe('a list of ids', () => {
  it('returns the ids that were written', () => {
    fc.assert(
      fc.property(ids, (values) => {
        expect(decoded(encodeIds(ascending(values)))).toEqual([...ascending(values)]);
      }),
    );
  });

  it.each([
    [[], 0],
    [[0], 1],
    [[127], 1],
    [[128], 2],
    [[0, 128], 2],
    [[0, 129], 3],
    [[16_383], 2],
    [[16_384], 3],
    [[MAX_ID], 5],
  ])('takes as many bytes as its gaps need: %j takes %i', (values, bytes) => {
    expect(encodeIds(Uint32Array.from(values))).toHaveLength(bytes);
  });

  it.each([
    ['every id', 1, 0.13],
    ['every second', 2, 0.26],
    ['every fourth', 4, 0.51],
    ['every eighth', 8, 1],
    ['every hundredth', 100, 1],
  ])(
    'takes at most a byte an id, and less the more of a stretch are there: %s of 12,800',
    (_, step, bytesAnId) => {
      const values = Array.from({ length: 12_800 / step }, (_each, n) => 640_000 + n * step);
      const bytes = encodeIds(Uint32Array.from(values)).length - 2;
      expect(bytes / values.length).toBeLessThanOrEqual(bytesAnId);
    },
  );

  it('is read as it was written before there were bitmaps in lists', () => {
    expect(decoded(Buffer.from('000080017f', 'hex'))).toEqual([0, 1, 130, 258]);
  });

  it('is united with ids in any order, each once', () => {
    fc.assert(
      fc.property(ids, fc.array(fc.nat(MAX_ID)), (stored, added) => {
        const union = uniteIds(encodeIds(ascending(stored)), Uint32Array.from(added));
        expect([...union]).toEqual([...ascending([...new Set([...stored, ...added])])]);
      }),
    );
  });
});

describe('the bits of a bucket', () => {
  it('have the first id in the highest bit of the first chunk', () => {
    const chunks = new BitChunks();
    for (const id of [0, 9, CHUNK_BITS - 1, CHUNK_BITS, 5 * CHUNK_BITS + 8]) chunks.add(id);
    const zeros = (bytes: number): string => '00'.repeat(bytes);
    expect(chunks.toLiterals()).toEqual([
      { chunk: 0, bits: `x8040${zeros(1981)}01` },
      { chunk: 1, bits: `x80${zeros(1983)}` },
      { chunk: 5, bits: `x0080${zeros(1982)}` },
    ]);
  });

  it('come from ids of four bytes', () => {
    expect([...readIds(Buffer.from('0000000000003e007fffffff', 'hex'))]).toEqual([0, CHUNK_BITS, MAX_ID]);
  });
});

describe('a set of ids', () => {
  it('counts each id once and grows with the largest', () => {
    const set = new IdSet();
    expect([5, 5, 31, 32, 1_000_000, 5].map((id) => set.add(id))).toEqual([
      true,
      false,
      true,
      true,
      true,
      false,
    ]);
    expect(set.count()).toBe(4);
  });

  it('takes lists as it takes single ids', () => {
    // Smaller ids: a set is as large as its largest.
    const small = ids.map((values) => [...new Set(values.map((id) => id % 100_000))]);
    fc.assert(
      fc.property(fc.array(small, { maxLength: 4 }), (lists) => {
        const set = new IdSet();
        for (const values of lists) set.addList(encodeIds(ascending(values)));
        const expected = new Set(lists.flat());
        expect(set.count()).toBe(expected.size);
        expect([...set.toIds()]).toEqual([...ascending([...expected])]);
        expect([...expected].filter((id) => set.add(id))).toEqual([]);
      }),
    );
  });
});

describe('a rolling window', () => {
  it('counts the distinct ids of its days', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uniqueArray(fc.nat(6000), { maxLength: 12 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 25 }),
        (days, window) => {
          const rolling = new RollingWindow(days.length);
          days.forEach((idsOfDay, day) => {
            for (const id of idsOfDay) rolling.add(id, day);
            const expected = new Set(days.slice(Math.max(0, day - window + 1), day + 1).flat());
            expect(rolling.count(day, window)).toBe(expected.size);
          });
        },
      ),
    );
  });
});
