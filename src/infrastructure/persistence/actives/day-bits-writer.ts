import { ArrayLiteral, toArrayLiteral } from '../mappers/array-literal.js';
import { ACTIVE_LEVEL } from '../mappers/active-count.mapper.js';
import type { LongSession } from '../prisma/long-statement.js';
import { BitChunks, readIds } from './bit-chunks.js';
import { encodeIds, uniteIds } from './id-list.js';
import { IdSet } from './id-set.js';
import {
  ADD_BITS_SQL,
  CLEAR_NEW_BITS_SQL,
  READ_PLACES_SQL,
  WRITE_PLACES_SQL,
} from './identity-statements.js';

export const BIT_KIND = { active: 0, new: 1 } as const;

/** Bounds the memory of one statement: a row of bits is 4 KB of text. */
const ROWS_A_STATEMENT = 256;

/** Statements that add bits and lists of places. */
export interface BitsStatements {
  readonly addBits: string;
  readonly clearNewBits: string;
  readonly readPlaces: string;
  readonly writePlaces: string;
  /** Values that each statement takes after its own. */
  readonly last: readonly string[];
}

const ONE_SERVER: BitsStatements = {
  addBits: ADD_BITS_SQL,
  clearNewBits: CLEAR_NEW_BITS_SQL,
  readPlaces: READ_PLACES_SQL,
  writePlaces: WRITE_PLACES_SQL,
  last: [],
};

/** Ids of one bucket that were active in a place, or anywhere (level 0). */
export interface ActiveIdsRow {
  readonly level: number;
  readonly place: string;
  readonly bucket: number;
  readonly ids: Buffer;
  /** Ids whose first day this is; null for places. */
  readonly new_ids: Buffer | null;
}

/** Ids of one bucket whose first day was another one. */
export interface MovedIdsRow {
  readonly day: string;
  readonly bucket: number;
  readonly ids: Buffer;
}

interface BitsRow {
  readonly day: string;
  readonly kind: number;
  readonly bucket: number;
  readonly chunk: number;
  readonly bits: string;
}

/** Adds ids to the stored bits and places of a day, inside the transaction of a build. */
export class DayBitsWriter {
  private readonly known = new IdSet();

  constructor(
    private readonly session: LongSession,
    private readonly day: string,
    private readonly statements = ONE_SERVER,
  ) {}

  async add(rows: readonly ActiveIdsRow[]): Promise<void> {
    const totals = rows.filter(({ level }) => level === ACTIVE_LEVEL.total);
    const bits = totals.flatMap(({ bucket, ids, new_ids }) => [
      ...this.toRows(BIT_KIND.active, bucket, ids),
      ...(new_ids === null ? [] : this.toRows(BIT_KIND.new, bucket, new_ids)),
    ]);
    for (const part of parts(bits)) {
      await this.session.run(
        this.statements.addBits,
        this.day,
        toArrayLiteral(part.map(({ kind }) => String(kind))),
        ...toColumns(part),
        ...this.statements.last,
      );
    }
    await this.addPlaces(rows.filter(({ level }) => level !== ACTIVE_LEVEL.total));
  }

  /** Removes ids from the new ones of later days, because this day is their first. */
  async clearNew(moved: readonly MovedIdsRow[]): Promise<void> {
    const bits = moved.flatMap(({ day, bucket, ids }) => this.toRows(BIT_KIND.new, bucket, ids, day));
    for (const part of parts(bits)) {
      await this.session.run(
        this.statements.clearNewBits,
        toArrayLiteral(part.map(({ day }) => day)),
        ...toColumns(part),
        ...this.statements.last,
      );
    }
  }

  private toRows(kind: number, bucket: number, ids: Buffer, day = this.day): BitsRow[] {
    const chunks = new BitChunks();
    for (const id of readIds(ids)) chunks.add(id);
    return chunks.toLiterals().map((literal) => ({ day, kind, bucket, ...literal }));
  }

  private async addPlaces(rows: readonly ActiveIdsRow[]): Promise<void> {
    if (rows.length === 0) return;
    const { readPlaces, writePlaces, last } = this.statements;
    const stored = await this.session.run<ActiveIdsRow>(readPlaces, this.day, ...keysOf(rows), ...last);
    const storedIds = new Map(stored.map((row) => [keyOf(row), row.ids]));
    const changed: (ActiveIdsRow & { readonly actives: number })[] = [];
    for (const row of rows) {
      const before = storedIds.get(keyOf(row)) ?? null;
      const added = readIds(row.ids);
      if (before !== null && this.holdsAll(before, added)) continue;
      const union = uniteIds(before, added);
      changed.push({ ...row, ids: encodeIds(union), actives: union.length });
    }
    if (changed.length === 0) return;
    await this.session.run(
      writePlaces,
      this.day,
      ...keysOf(changed),
      toArrayLiteral(changed.map(({ actives }) => String(actives))),
      toArrayLiteral(changed.map(({ ids }) => ids.toString('base64'))),
      ...last,
    );
  }

  /** Spares lists that gain nobody the sorting, which are nearly all when a day is built again. */
  private holdsAll(stored: Buffer, ids: Uint32Array): boolean {
    this.known.clear();
    this.known.addList(stored);
    return ids.every((id) => this.known.has(id));
  }
}

function parts(rows: readonly BitsRow[]): BitsRow[][] {
  return Array.from({ length: Math.ceil(rows.length / ROWS_A_STATEMENT) }, (_, index) =>
    rows.slice(index * ROWS_A_STATEMENT, (index + 1) * ROWS_A_STATEMENT),
  );
}

function toColumns(rows: readonly BitsRow[]): string[] {
  return [
    toArrayLiteral(rows.map(({ bucket }) => String(bucket))),
    toArrayLiteral(rows.map(({ chunk }) => String(chunk))),
    toArrayLiteral(rows.map(({ bits }) => bits)),
  ];
}

function keysOf(rows: readonly ActiveIdsRow[]): string[] {
  const places = new ArrayLiteral();
  for (const { place } of rows) places.addText(place);
  return [
    toArrayLiteral(rows.map(({ level }) => String(level))),
    toArrayLiteral(rows.map(({ bucket }) => String(bucket))),
    places.toString(),
  ];
}

function keyOf({ level, bucket, place }: ActiveIdsRow): string {
  return `${level}/${bucket}/${place}`;
}
