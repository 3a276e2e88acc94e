import { ArrayLiteral } from '../mappers/array-literal.js';
import type { LongSession } from '../prisma/long-statement.js';
import { DayBitsWriter, type ActiveIdsRow, type MovedIdsRow } from './day-bits-writer.js';
import { IDENTITY_BUCKETS } from './identity-buckets.js';
import {
  BOUND_ACTIVES_SQL,
  COUNT_ACTIVES_SQL,
  NUMBER_IDENTITIES_SQL,
  READ_ACTIVES_SQL,
  READ_NAMED_SQL,
} from './identity-statements.js';

/** Bounds the memory of a build, and the size of its statements. */
export const BUILD_LIMITS = {
  /** A row of the active set takes about 33 bytes while its id arrives as text; an active has up to three. */
  rowsARead: 5_000_000,
  namesAStatement: 500_000,
  /** Each row has the ids of a place in one bucket. */
  rowsAWrite: 1024,
};

interface ActivesRow extends Omit<ActiveIdsRow, 'bucket' | 'ids'> {
  /** Null for identities without an id. */
  readonly bucket: number | null;
  readonly ids: Buffer | null;
  /** Identities without an id, or with a later first day. */
  readonly changed: readonly string[] | null;
}

/** Adds the actives of a day to its bits and places, inside the transaction of a build, and numbers new identities. */
export async function addActives(session: LongSession, day: string, limits = BUILD_LIMITS): Promise<void> {
  const writer = new DayBitsWriter(session, day);
  const reads = Math.min(
    IDENTITY_BUCKETS.length,
    Math.ceil((await boundRows(session, day)) / limits.rowsARead),
  );
  for (let read = 0; read < reads; read++) {
    const [first, end] = [read, read + 1].map((part) => Math.floor((part * IDENTITY_BUCKETS.length) / reads));
    const rows = await session.run<ActivesRow>(
      READ_ACTIVES_SQL,
      day,
      String(first),
      String((end as number) - 1),
    );
    const changed = rows.flatMap((row) => row.changed ?? []);
    await addRows(writer, rows.filter(hasIds), limits);
    await addChanged(session, writer, { day, changed, limits });
  }
}

async function boundRows(session: LongSession, day: string): Promise<number> {
  const [bound] = await session.run<{ n: number | null }>(BOUND_ACTIVES_SQL, day);
  if (bound?.n) return bound.n;
  const [counted] = await session.run<{ n: number }>(COUNT_ACTIVES_SQL, day);
  return counted?.n ?? 0;
}

/** Numbers the unknown, moves the first days of the others, and adds both. */
async function addChanged(
  session: LongSession,
  writer: DayBitsWriter,
  {
    day,
    changed,
    limits,
  }: { readonly day: string; readonly changed: string[]; readonly limits: typeof BUILD_LIMITS },
): Promise<void> {
  while (changed.length > 0) {
    const names = new ArrayLiteral();
    for (const identity of changed.splice(-limits.namesAStatement)) names.addText(identity);
    const literal = names.toString();
    await writer.clearNew(await session.run<MovedIdsRow>(NUMBER_IDENTITIES_SQL, day, literal));
    await addRows(writer, await session.run<ActiveIdsRow>(READ_NAMED_SQL, day, literal), limits);
  }
}

export async function addRows(
  writer: DayBitsWriter,
  rows: ActiveIdsRow[],
  { rowsAWrite }: Pick<typeof BUILD_LIMITS, 'rowsAWrite'>,
): Promise<void> {
  while (rows.length > 0) await writer.add(rows.splice(-rowsAWrite));
}

function hasIds(row: ActivesRow): row is ActivesRow & ActiveIdsRow {
  return row.ids !== null;
}
