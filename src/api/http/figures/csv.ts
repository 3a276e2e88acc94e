import { setImmediate as nextTurn } from 'node:timers/promises';

export type CsvCell = string | number | boolean | null;

/** The flat shape of an answer. */
export interface CsvTable<Body> {
  readonly columns: readonly string[];
  /** Yields the rows, each with a cell a column. */
  readonly rows: (body: Body) => Iterable<readonly CsvCell[]>;
  /** One row for the API documentation. */
  readonly example: readonly CsvCell[];
}

const BYTE_ORDER_MARK = '\uFEFF';
const LINE_END = '\r\n';
/** Rows that are written before other requests get their turn: about a millisecond. */
const ROWS_A_TURN = 2000;

const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;
/**
 * Characters with which a spreadsheet begins a formula, at the start of a cell or of what it may take for one:
 * its separator may be a semicolon or a tab (OWASP, CSV Injection).
 */
const FORMULA = /(^|[,;|\t\r\n"])(\s*'*)([=+\-@\t\r＝＋－＠])/g;

/**
 * Writes an answer as CSV (RFC 4180): UTF-8, a header, CRLF at the end of every line.
 *
 * @param isOver says that nobody waits for the rest, which is then left out
 */
export async function writeCsv<Body>(
  table: CsvTable<Body>,
  body: Body,
  bom: boolean,
  isOver: () => boolean = () => false,
): Promise<string> {
  let text = (bom ? BYTE_ORDER_MARK : '') + toLine(table.columns);
  let rows = 0;
  for (const row of table.rows(body)) {
    text += toLine(row);
    if (++rows % ROWS_A_TURN !== 0) continue;
    await nextTurn();
    if (isOver()) break;
  }
  return text;
}

export function csvExample<Body>({ columns, example }: CsvTable<Body>): string {
  return toLine(columns) + toLine(example);
}

function toLine(cells: readonly CsvCell[]): string {
  return cells.map(toField).join() + LINE_END;
}

function toField(cell: CsvCell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const text = cell.replace(FORMULA, "$1$2'$3");
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Yields a figure by level: the total first, then every province and every city with its count. */
export function* rowsByPlace(
  total: number,
  byProvince: Readonly<Record<string, number>>,
  byCity: Readonly<Record<string, number>>,
): Generator<readonly [level: string, place: string, count: number]> {
  yield ['total', '', total];
  for (const [place, count] of Object.entries(byProvince)) yield ['province', place, count];
  for (const [place, count] of Object.entries(byCity)) yield ['city', place, count];
}
