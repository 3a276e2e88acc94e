import { setImmediate } from 'node:timers/promises';
import type { WeekComparison } from '../../../domain/repositories/active-bits.repository.interface.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import { ACTIVE_LEVEL } from '../mappers/active-count.mapper.js';
import { ArrayLiteral, toArrayLiteral } from '../mappers/array-literal.js';
import type { LongSession } from '../prisma/long-statement.js';
import { encodeIds } from './id-list.js';
import { IdSet } from './id-set.js';
import { IDENTITY_BUCKETS } from './identity-buckets.js';
import {
  CLEAR_WEEK_SQL,
  COMPARE_WEEK_BITS_SQL,
  READ_PLACES_OF_WEEK_SQL,
  READ_WEEK_PLACES_SQL,
  READ_WEEKS_SQL,
  REMEMBER_WEEK_SQL,
  UNITE_WEEK_BITS_SQL,
  WRITE_WEEK_PLACES_SQL,
} from './week-statements.js';

const LEVELS = [ACTIVE_LEVEL.province, ACTIVE_LEVEL.city] as const;

/** Bounds the memory of a statement that writes lists. */
const CHARS_A_WRITE = 4_000_000;

interface PlaceList {
  readonly place: string;
  /** Base64. */
  readonly ids: string;
}

/** Unites the bits and the places of the days of a week, inside a transaction that no build interrupts. */
export async function uniteWeek(session: LongSession, week: DateKey): Promise<void> {
  for (const sql of CLEAR_WEEK_SQL) await session.run(sql, week);
  await session.run(UNITE_WEEK_BITS_SQL, week);
  for (const level of LEVELS) {
    for (const bucket of IDENTITY_BUCKETS) {
      const key = [week, String(level), String(bucket)] as const;
      for (const part of partsOf(await unitePlaces(session, key)))
        await session.run(WRITE_WEEK_PLACES_SQL, ...key, ...toColumns(part));
    }
  }
  await session.run(REMEMBER_WEEK_SQL, week);
}

/** Compares the weeks that touch a span with their days, and returns those that differ. */
export async function compareWeeks(
  session: LongSession,
  first: DateKey,
  last: DateKey,
): Promise<WeekComparison[]> {
  const readVersions = async (): Promise<Map<DateKey, string>> => {
    const rows = await session.run<{ week: DateKey; version: string }>(READ_WEEKS_SQL, first, last);
    return new Map(rows.map(({ week, version }) => [week, version]));
  };
  const before = await readVersions();
  const compared: WeekComparison[] = [];
  for (const week of before.keys()) compared.push(await compareWeek(session, week));
  // A build of one of its days ends the use of a week, and what was compared is no difference.
  const after = await readVersions();
  return compared.filter(
    ({ week, missing, surplus, places }) =>
      before.get(week) === after.get(week) && missing + surplus + places > 0,
  );
}

async function compareWeek(session: LongSession, week: DateKey): Promise<WeekComparison> {
  const [bits] = await session.run<{ missing: number; surplus: number }>(COMPARE_WEEK_BITS_SQL, week);
  let places = 0;
  for (const level of LEVELS) {
    for (const bucket of IDENTITY_BUCKETS) {
      const key = [week, String(level), String(bucket)] as const;
      const stored = await session.run<PlaceList & Record<string, string>>(READ_WEEK_PLACES_SQL, ...key);
      const lists = new Map(stored.map(({ place, ids }) => [place, ids.replaceAll('\n', '')]));
      for (const { place, ids } of await unitePlaces(session, key)) {
        if (lists.get(place) !== ids) places++;
        lists.delete(place);
      }
      places += lists.size;
    }
  }
  return { week, missing: bits?.missing ?? 0, surplus: bits?.surplus ?? 0, places };
}

/** @param key week, level and bucket */
async function unitePlaces(session: LongSession, key: readonly string[]): Promise<PlaceList[]> {
  const rows = await session.run<PlaceList & Record<string, string>>(READ_PLACES_OF_WEEK_SQL, ...key);
  const united: PlaceList[] = [];
  const set = new IdSet();
  for (const [index, { place, ids }] of rows.entries()) {
    const [before, after] = [rows[index - 1]?.place, rows[index + 1]?.place];
    if (place !== before && place !== after) {
      united.push({ place, ids: ids.replaceAll('\n', '') });
      continue;
    }
    set.addList(Buffer.from(ids, 'base64'));
    if (place === after) continue;
    united.push({ place, ids: encodeIds(set.toIds()).toString('base64') });
    set.clear();
    // Requests wait while lists are united.
    await setImmediate();
  }
  return united;
}

function* partsOf(lists: readonly PlaceList[]): Generator<PlaceList[]> {
  let part: PlaceList[] = [];
  let chars = 0;
  for (const list of lists) {
    part.push(list);
    chars += list.ids.length;
    if (chars < CHARS_A_WRITE) continue;
    yield part;
    [part, chars] = [[], 0];
  }
  if (part.length > 0) yield part;
}

function toColumns(lists: readonly PlaceList[]): [string, string] {
  const places = new ArrayLiteral();
  for (const { place } of lists) places.addText(place);
  return [places.toString(), toArrayLiteral(lists.map(({ ids }) => ids))];
}
