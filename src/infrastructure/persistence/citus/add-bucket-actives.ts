import { addRows, BUILD_LIMITS } from '../actives/add-actives.js';
import { DayBitsWriter, type ActiveIdsRow, type MovedIdsRow } from '../actives/day-bits-writer.js';
import { ArrayLiteral, toArrayLiteral } from '../mappers/array-literal.js';
import type { LongSession } from '../prisma/long-statement.js';
import {
  ADD_BUCKET_BITS_SQL,
  ADD_IDENTITIES_SQL,
  CLEAR_NEW_BUCKET_BITS_SQL,
  COUNT_ACTIVES_SQL,
  MOVE_FIRST_DAYS_SQL,
  READ_BLOCKS_SQL,
  READ_BUCKET_ACTIVES_SQL,
  READ_BUCKET_NAMED_SQL,
  READ_BUCKET_PLACES_SQL,
  READ_CHANGED_SQL,
  TAKE_IDS_SQL,
  WRITE_BLOCKS_SQL,
  WRITE_BUCKET_PLACES_SQL,
} from './bucket-bits-statements.js';
import { BUCKETS } from './buckets.js';
import { BLOCK_IDS, blocksNeeded, IdBlocks, type OpenBlock } from './id-blocks.js';

interface ActivesRow extends Omit<ActiveIdsRow, 'ids'> {
  readonly ids: Buffer | null;
  /** Identities without an id, or with a later first day. */
  readonly changed: readonly string[] | null;
}

interface ChangedRow {
  readonly identity: string;
  /** Null for an unknown identity. */
  readonly id: number | null;
  readonly firstDay: string | null;
  /** Hash of the place in which the identity was seen. */
  readonly places: number;
}

/**
 * Adds the actives of a day to its bits and places, inside the transaction of a build. All nodes join at the same
 * moment; each write is for one bucket, on the node that has it.
 */
export async function addBucketActives(
  session: LongSession,
  day: string,
  limits = BUILD_LIMITS,
): Promise<void> {
  const [counted] = await session.run<{ n: number }>(COUNT_ACTIVES_SQL, day);
  const reads = Math.min(BUCKETS.length, Math.ceil((counted?.n ?? 0) / limits.rowsARead));
  for (let read = 0; read < reads; read++) {
    const [first, end] = [read, read + 1].map((part) => Math.floor((part * BUCKETS.length) / reads));
    const buckets = BUCKETS.slice(first, end);
    const rows = await session.run<ActivesRow>(
      READ_BUCKET_ACTIVES_SQL,
      day,
      toArrayLiteral(buckets.map(String)),
    );
    for (const bucket of buckets) {
      const ofBucket = rows.filter((row) => row.bucket === bucket);
      await new BucketBuild(session, day, bucket, limits).add(ofBucket);
    }
  }
}

class BucketBuild {
  private readonly writer: DayBitsWriter;

  constructor(
    private readonly session: LongSession,
    private readonly day: string,
    private readonly bucket: number,
    private readonly limits: typeof BUILD_LIMITS,
  ) {
    this.writer = new DayBitsWriter(session, day, {
      addBits: ADD_BUCKET_BITS_SQL,
      clearNewBits: CLEAR_NEW_BUCKET_BITS_SQL,
      readPlaces: READ_BUCKET_PLACES_SQL,
      writePlaces: WRITE_BUCKET_PLACES_SQL,
      last: [String(bucket)],
    });
  }

  async add(rows: readonly ActivesRow[]): Promise<void> {
    await addRows(this.writer, rows.filter(hasIds), this.limits);
    const changed = rows.flatMap((row) => row.changed ?? []);
    while (changed.length > 0) await this.addNamed(changed.splice(-this.limits.namesAStatement));
  }

  /** Numbers the unknown, moves the first days of the others, and adds both. */
  private async addNamed(identities: readonly string[]): Promise<void> {
    const { session, day, bucket } = this;
    const names = toTexts(identities);
    const changed = await session.run<ChangedRow>(READ_CHANGED_SQL, day, String(bucket), names);
    await this.number(changed.filter(({ id }) => id === null));
    await this.moveFirstDays(changed.filter(hasEntry));
    const rows = await session.run<ActiveIdsRow>(READ_BUCKET_NAMED_SQL, day, String(bucket), names);
    await addRows(this.writer, rows, this.limits);
  }

  private async number(unknown: readonly ChangedRow[]): Promise<void> {
    if (unknown.length === 0) return;
    const bucket = String(this.bucket);
    const groups = new Map<number, number>();
    for (const { places } of unknown) groups.set(places, (groups.get(places) ?? 0) + 1);
    const open = await this.session.run<OpenBlock & Record<string, number>>(
      READ_BLOCKS_SQL,
      bucket,
      toArrayLiteral([...groups.keys()].map(String)),
    );
    const blocks = new IdBlocks(open, await this.takeIds(BLOCK_IDS * blocksNeeded(groups, open)));
    const ids = unknown.map(({ places }) => String(blocks.take(places)));
    await this.session.run(
      ADD_IDENTITIES_SQL,
      bucket,
      this.day,
      toTexts(unknown.map(({ identity }) => identity)),
      toArrayLiteral(ids),
    );
    const changed = blocks.of(groups.keys());
    await this.session.run(
      WRITE_BLOCKS_SQL,
      bucket,
      toArrayLiteral(changed.map(({ places }) => String(places))),
      toArrayLiteral(changed.map(({ nextId }) => String(nextId))),
      toArrayLiteral(changed.map(({ endId }) => String(endId))),
    );
  }

  /** @returns the first of the ids */
  private async takeIds(count: number): Promise<number> {
    if (count === 0) return 0;
    const [row] = await this.session.run<{ nextId: number }>(
      TAKE_IDS_SQL,
      String(this.bucket),
      String(count),
    );
    return (row as { nextId: number }).nextId - count;
  }

  private async moveFirstDays(moved: readonly KnownRow[]): Promise<void> {
    if (moved.length === 0) return;
    const idsOfDays = new Map<string, number[]>();
    for (const { firstDay, id } of moved) {
      const ids = idsOfDays.get(firstDay);
      if (ids === undefined) idsOfDays.set(firstDay, [id]);
      else ids.push(id);
    }
    const rows: MovedIdsRow[] = [...idsOfDays].map(([day, ids]) => ({
      day,
      bucket: this.bucket,
      ids: toBytes(ids),
    }));
    await this.writer.clearNew(rows);
    const names = toTexts(moved.map(({ identity }) => identity));
    await this.session.run(MOVE_FIRST_DAYS_SQL, String(this.bucket), this.day, names);
  }
}

type KnownRow = ChangedRow & { readonly id: number; readonly firstDay: string };

function hasEntry(row: ChangedRow): row is KnownRow {
  return row.id !== null;
}

function hasIds(row: ActivesRow): row is ActivesRow & ActiveIdsRow {
  return row.ids !== null;
}

/** Writes ids as `int4send` does. */
function toBytes(ids: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * ids.length);
  for (const [index, id] of ids.entries()) bytes.writeUInt32BE(id, 4 * index);
  return bytes;
}

function toTexts(texts: readonly string[]): string {
  const literal = new ArrayLiteral();
  for (const text of texts) literal.addText(text);
  return literal.toString();
}
