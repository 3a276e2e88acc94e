import { daysBetween } from '../../model/actives-model.js';
import { ContractError } from './responses.js';

/** A row of an answer about spans of days: its days, and every count in it by name. */
export interface FigureRow {
  readonly first: string;
  readonly last: string;
  readonly days: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
}

export interface FigureRows {
  /** Keyed by the first and the last day of each row. */
  readonly rows: ReadonlyMap<string, FigureRow>;
  /** Instant of the last build of a day; null before the first one. */
  readonly builtMs: number | null;
}

const COUNTS = [
  ...['activeCount', 'dauCount', 'newCount', 'returningCount', 'resurrectedCount', 'dormantCount'],
  'cohortSize',
];
const PLACES = ['byProvince', 'byCity'];

/** Reads an answer of a route over spans of days. @throws ContractError */
export function readFigureRows(body: unknown): FigureRows {
  const { data, calculatedAt } = (body ?? {}) as { readonly data?: unknown; readonly calculatedAt?: unknown };
  if (!Array.isArray(data)) throw new ContractError('data is not an array');
  const rows = data.map((row: unknown): [string, FigureRow] => {
    const { day, startDate, endDate } = (row ?? {}) as Readonly<Record<string, unknown>>;
    const [first, last] = [day ?? startDate, day ?? endDate];
    if (typeof first !== 'string' || typeof last !== 'string') throw new ContractError('data[] has no days');
    return [
      `${first} ${last}`,
      { first, last, days: daysBetween(first, last), counts: countsOf(row as object) },
    ];
  });
  return {
    rows: new Map(rows),
    builtMs: typeof calculatedAt === 'string' ? Date.parse(calculatedAt) : null,
  };
}

/** Returns every count of a row, those of places and of cells under names of their own. @throws ContractError */
export function countsOf(row: object): Map<string, number> {
  const fields = row as Readonly<Record<string, unknown>>;
  const counts = new Map<string, unknown>();
  for (const name of COUNTS) if (name in fields) counts.set(name, fields[name]);
  for (const name of PLACES)
    for (const [place, count] of Object.entries(fields[name] ?? {})) counts.set(`${name} ${place}`, count);
  for (const cell of (fields['retained'] ?? []) as readonly {
    readonly after: unknown;
    readonly count: unknown;
  }[])
    counts.set(`retained after ${String(cell.after)}`, cell.count);
  for (const [name, count] of counts)
    if (!Number.isSafeInteger(count)) throw new ContractError(`data[].${name} is not a count`);
  return counts as Map<string, number>;
}
