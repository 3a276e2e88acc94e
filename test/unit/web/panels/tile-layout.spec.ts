import { describe, expect, it } from '@jest/globals';
import { nextTile, TILES, type Tile } from '../../../../web/src/panels/provinces/tile-layout.js';
import { PROVINCES } from '../../../../web/src/state/provinces.js';

function tileOf(iso: string): Tile {
  const tile = TILES.find((one) => one.iso === iso);
  if (tile === undefined) throw new Error(`no tile ${iso}`);
  return tile;
}

describe('tiles of the provinces', () => {
  it('cover each of the 34 once', () => {
    expect(TILES.map(({ iso }) => iso).sort()).toEqual(PROVINCES.map(({ iso }) => iso).sort());
  });

  it('lie on a place of their own', () => {
    expect(new Set(TILES.map(({ row, column }) => `${row}/${column}`)).size).toBe(TILES.length);
    expect(Math.max(...TILES.map(({ column }) => column))).toBe(7);
  });

  it.each([
    ['north of', 'HL', 'HI', (a: Tile, b: Tile) => a.row < b.row],
    ['west of', 'XJ', 'SH', (a: Tile, b: Tile) => a.column < b.column],
    ['south of', 'GD', 'HN', (a: Tile, b: Tile) => a.row > b.row],
    ['east of', 'TW', 'FJ', (a: Tile, b: Tile) => a.column > b.column],
  ])('have what lies %s another there: %s, %s', (_, one, other, isThere) => {
    expect(isThere(tileOf(one), tileOf(other))).toBe(true);
  });
});

describe('arrow keys among the tiles', () => {
  it.each([
    ['SX', 'ArrowRight', 'HE'],
    ['GS', 'ArrowRight', 'SX'],
    ['HN', 'ArrowDown', 'GX'],
    ['HL', 'ArrowDown', 'JL'],
    ['HL', 'ArrowLeft', 'NM'],
  ])('lead from %s by %s to %s', (from, key, to) => {
    expect(nextTile(tileOf(from), key)?.iso).toBe(to);
  });

  it('stay at the rim, and mean nothing else', () => {
    expect(nextTile(tileOf('HL'), 'ArrowUp')).toBeUndefined();
    expect(nextTile(tileOf('HL'), 'Enter')).toBeUndefined();
  });

  it('reach every tile', () => {
    const reached = new Set(['BJ']);
    const queue = [tileOf('BJ')];
    for (let tile = queue.pop(); tile !== undefined; tile = queue.pop()) {
      for (const key of ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight']) {
        const next = nextTile(tile, key);
        if (next === undefined || reached.has(next.iso)) continue;
        reached.add(next.iso);
        queue.push(next);
      }
    }
    expect(reached.size).toBe(34);
  });
});
