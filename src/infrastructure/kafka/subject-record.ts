/** Stays below the brokers' default limit of 1 MiB a request, of which headers and framing need a part. */
const MAX_REQUEST_BYTES = 700_000;

/** Record whose partition follows from its subject, not from its key. */
export interface SubjectRecord {
  readonly subject: string;
  /** Overrides the partition of the subject. */
  readonly partition?: number;
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers: Readonly<Record<string, string | Buffer | (string | Buffer)[] | undefined>>;
}

/** Splits records into requests within a broker's default limit; a single larger record goes alone. */
export function* splitBySize<T extends SubjectRecord>(records: readonly T[]): Generator<readonly T[]> {
  let start = 0;
  let bytes = 0;
  for (const [index, record] of records.entries()) {
    const size = estimateSize(record);
    if (index > start && bytes + size > MAX_REQUEST_BYTES) {
      yield records.slice(start, index);
      start = index;
      bytes = 0;
    }
    bytes += size;
  }
  if (start < records.length) yield records.slice(start);
}

/** Estimates the bytes of a record on the wire before compression. */
function estimateSize({ key, value, headers }: SubjectRecord): number {
  let size = 100 + sizeOfPart(key) + sizeOfPart(value);
  for (const [name, parts] of Object.entries(headers)) {
    if (Array.isArray(parts)) for (const part of parts) size += 10 + name.length + sizeOfPart(part);
    else size += 10 + name.length + sizeOfPart(parts ?? null);
  }
  return size;
}

function sizeOfPart(part: string | Buffer | null): number {
  if (part === null) return 0;
  return typeof part === 'string' ? Buffer.byteLength(part) : part.length;
}
