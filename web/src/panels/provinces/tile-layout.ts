export interface Tile {
  /** Letters of the ISO 3166-2:CN code. */
  readonly iso: string;
  /** The first is 1, at the top. */
  readonly row: number;
  /** The first is 1, on the left. */
  readonly column: number;
}

/** One word a tile, so that neighbours in the country are near each other; dots are empty. */
const ROWS = [
  '.. .. .. .. .. .. HL',
  '.. .. .. .. .. NM JL',
  '.. .. .. .. .. BJ LN',
  'XJ GS .. SX HE TJ ..',
  'XZ QH NX SN HA SD ..',
  '.. SC CQ HB AH JS SH',
  '.. YN GZ HN JX ZJ ..',
  '.. .. .. GX GD FJ TW',
  '.. .. .. HI MO HK ..',
];

/** The 34 provincial divisions as equal squares. */
export const TILES: readonly Tile[] = ROWS.flatMap((line, row) =>
  line
    .split(' ')
    .map((iso, column) => ({ iso, row: row + 1, column: column + 1 }))
    .filter(({ iso }) => iso !== '..'),
);

const DIRECTIONS: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/**
 * Returns the tile that an arrow key leads to: the nearest one in its direction, before all in the same line.
 *
 * @returns undefined for other keys, and at the rim
 */
export function nextTile(from: Tile, key: string): Tile | undefined {
  const direction = DIRECTIONS[key];
  if (direction === undefined) return undefined;
  const [rows, columns] = direction;
  const candidates = TILES.map((tile) => {
    const [down, right] = [tile.row - from.row, tile.column - from.column];
    const ahead = down * rows + right * columns;
    const aside = Math.abs(down * columns) + Math.abs(right * rows);
    return { tile, ahead, distance: ahead + 3 * aside };
  }).filter(({ ahead }) => ahead > 0);
  return candidates.sort((a, b) => a.distance - b.distance)[0]?.tile;
}
