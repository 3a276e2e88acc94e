import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import {
  BLOCK_IDS,
  blocksNeeded,
  IdBlocks,
} from '../../../../../src/infrastructure/persistence/citus/id-blocks.js';

/** Numbers groups of identities one after the other, as builds of a bucket do. */
function numberAll(
  builds: readonly (readonly number[])[],
): { readonly id: number; readonly places: number }[] {
  let open: ReturnType<IdBlocks['of']> = [];
  let nextId = 0;
  return builds.flatMap((build) => {
    const groups = new Map<number, number>();
    for (const places of build) groups.set(places, (groups.get(places) ?? 0) + 1);
    const count = BLOCK_IDS * blocksNeeded(groups, open);
    const blocks = new IdBlocks(open, nextId);
    nextId += count;
    const numbered = build.map((places) => ({ id: blocks.take(places), places }));
    const changed = blocks.of(groups.keys());
    open = [...open.filter(({ places }) => !groups.has(places)), ...changed];
    return numbered;
  });
}

describe('the ids of a bucket', () => {
  const builds = fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 400 }), { maxLength: 5 });

  it('are given once, from blocks of one group of places, and no block is opened before another is full', () => {
    fc.assert(
      fc.property(builds, (all) => {
        const numbered = numberAll(all);
        expect(new Set(numbered.map(({ id }) => id)).size).toBe(numbered.length);
        const groupOf = new Map<number, number>();
        for (const { id, places } of numbered) {
          const block = Math.floor(id / BLOCK_IDS);
          expect(groupOf.get(block) ?? places).toBe(places);
          groupOf.set(block, places);
        }
        const totals = new Map<number, number>();
        for (const places of all.flat()) totals.set(places, (totals.get(places) ?? 0) + 1);
        const blocks = [...totals.values()].reduce((sum, total) => sum + Math.ceil(total / BLOCK_IDS), 0);
        expect(groupOf.size).toBe(blocks);
      }),
    );
  });

  it('fill up the open block, and begin at the first free id afterwards', () => {
    const open = [{ places: 7, nextId: 126, endId: 128 }];
    expect(blocksNeeded(new Map([[7, 2]]), open)).toBe(0);
    expect(
      blocksNeeded(
        new Map([
          [7, 3],
          [8, 129],
        ]),
        open,
      ),
    ).toBe(3);
    const blocks = new IdBlocks(open, 512);
    expect([7, 7, 7, 8].map((places) => blocks.take(places))).toEqual([126, 127, 512, 640]);
    expect(blocks.of([7, 8])).toEqual([
      { places: 7, nextId: 513, endId: 640 },
      { places: 8, nextId: 641, endId: 768 },
    ]);
  });
});
