const LINE_END = '\r\n';
const BYTE_ORDER_MARK = '\uFEFF';
/** One field of RFC 4180 and what ends it. */
const FIELD = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;

export interface CsvRecord {
  /** The record as the file has it, with its line end. */
  readonly raw: string;
  readonly fields: readonly string[];
}

/** The cells of a record by the names of their columns. */
export type CsvRow = Readonly<Record<string, string>>;

/** Yields the records of a CSV text; quoted fields may hold separators and line ends. @throws Error for other text */
export function* csvRecords(text: string): Generator<CsvRecord> {
  let position = 0;
  while (position < text.length) {
    const start = position;
    const fields: string[] = [];
    let end: string | undefined;
    do {
      FIELD.lastIndex = position;
      const match = FIELD.exec(text);
      if (match === null) throw new Error(`The CSV has a field that does not end, at character ${position}.`);
      const [whole, quoted, plain = ''] = match;
      fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
      position += whole.length;
      end = match[3];
    } while (end === ',');
    yield { raw: text.slice(start, position), fields };
  }
}

const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

/**
 * Returns a CSV text with its header and those records that are kept, each as it was, and with records behind them.
 *
 * @param add returns the records to add, out of all records of the text
 */
export function editCsv(
  text: string,
  keep: (row: CsvRow) => boolean = () => true,
  add: (rows: readonly CsvRow[]) => readonly CsvRow[] = () => [],
): string {
  const mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  const [header, ...records] = csvRecords(text.slice(mark.length));
  if (header === undefined) return text;
  const rows = records.map(({ fields }) =>
    Object.fromEntries(header.fields.map((name, index) => [name, fields[index] ?? ''])),
  );
  const kept = records.filter((_, index) => keep(rows[index] ?? {})).map(({ raw }) => raw);
  const added = add(rows).map(
    (row) => header.fields.map((name) => toField(row[name] ?? '')).join() + LINE_END,
  );
  return mark + [header.raw, ...kept, ...added].join('');
}

/** Returns a CSV file with those of its records that are kept, and with others behind them. */
export async function editCsvFile(file: Blob, ...edits: EditsOfCsv): Promise<Blob> {
  // Blob.text() would remove the byte order mark.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await file.arrayBuffer());
  return new Blob([editCsv(text, ...edits)], { type: file.type });
}

/** Returns a CSV file of what the page was pushed, marked and ended as those of the service. */
export function toCsvFile(columns: readonly string[], rows: readonly (readonly string[])[]): Blob {
  const lines = [columns, ...rows].map((cells) => cells.map(toField).join() + LINE_END);
  return new Blob([BYTE_ORDER_MARK, ...lines], { type: 'text/csv;charset=utf-8' });
}

type EditsOfCsv = Parameters<typeof editCsv> extends [string, ...infer Rest] ? Rest : never;

function toField(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
