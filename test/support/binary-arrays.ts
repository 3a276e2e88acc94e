const LENGTH_BYTES = 4;
/** Dimensions, flag of nulls and type. */
const EMPTY_BYTES = 12;
const HEADER_BYTES = 20;
const EPOCH_MS = Date.UTC(2000, 0, 1);

const READERS: Readonly<Record<number, (bytes: Buffer) => string>> = {
  2950: (bytes) => bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  1184: (bytes) => new Date(Number(bytes.readBigInt64BE() / 1000n) + EPOCH_MS).toISOString(),
  20: (bytes) => bytes.readBigInt64BE().toString(),
};

/** Shows a parameter as text: an array in binary form as the literal that means the same. */
export function toText(parameter: string | Buffer): string {
  if (typeof parameter === 'string') return parameter;
  if (parameter.readInt32BE(0) === 0 && parameter.length === EMPTY_BYTES) return '{}';
  const read = READERS[parameter.readInt32BE(8)];
  if (read === undefined) throw new Error(`unknown type ${parameter.readInt32BE(8)}`);
  const elements: string[] = [];
  for (let at = HEADER_BYTES; at < parameter.length;) {
    const length = parameter.readInt32BE(at);
    at += LENGTH_BYTES;
    elements.push(length < 0 ? 'NULL' : read(parameter.subarray(at, at + length)));
    at += Math.max(length, 0);
  }
  if (elements.length !== parameter.readInt32BE(12)) throw new Error('the number of elements is wrong');
  return `{${elements.join()}}`;
}
