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

/** Returns a CSV text with its header and those records that are kept, each as it was. */
export function filterCsv(text: string, keep: (row: CsvRow) => boolean): string {
  const mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  const [header, ...records] = csvRecords(text.slice(mark.length));
  if (header === undefined) return text;
  const rowOf = ({ fields }: CsvRecord): CsvRow =>
    Object.fromEntries(header.fields.map((name, index) => [name, fields[index] ?? '']));
  return mark + [header, ...records.filter((record) => keep(rowOf(record)))].map(({ raw }) => raw).join('');
}

/** Returns a CSV file with those of its records that are kept. */
export async function filterCsvFile(file: Blob, keep: (row: CsvRow) => boolean): Promise<Blob> {
  // Blob.text() would remove the byte order mark.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await file.arrayBuffer());
  return new Blob([filterCsv(text, keep)], { type: file.type });
}
