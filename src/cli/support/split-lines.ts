const LF = 0x0a;
const CR = 0x0d;

/**
 * Yields the lines of a file without their ends (LF, CRLF or CR). Splits bytes: a decoder would replace invalid ones.
 *
 * @param maxBytes bounds the memory of a line; a longer one is cut after one byte more, which shows its fault
 */
export async function* splitLines(
  chunks: AsyncIterable<Buffer>,
  maxBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  const line = new PendingLine(maxBytes);
  let endedWithCr = false;
  for await (const chunk of chunks) {
    let start = endedWithCr && chunk[0] === LF ? 1 : 0;
    let lf = chunk.indexOf(LF, start);
    let cr = chunk.indexOf(CR, start);
    while (lf !== -1 || cr !== -1) {
      const end = lf === -1 || (cr !== -1 && cr < lf) ? cr : lf;
      line.add(chunk.subarray(start, end));
      yield line.take();
      start = end === cr && lf === cr + 1 ? lf + 1 : end + 1;
      if (lf !== -1 && lf < start) lf = chunk.indexOf(LF, start);
      if (cr !== -1 && cr < start) cr = chunk.indexOf(CR, start);
    }
    line.add(chunk.subarray(start));
    if (chunk.length > 0) endedWithCr = chunk.at(-1) === CR;
  }
  if (line.bytes > 0) yield line.take();
}

/** The parts of a line that have arrived. */
class PendingLine {
  bytes = 0;
  private parts: Buffer[] = [];

  constructor(private readonly maxBytes: number) {}

  add(part: Buffer): void {
    const kept = part.subarray(0, Math.max(0, this.maxBytes + 1 - this.bytes));
    if (kept.length === 0) return;
    this.parts.push(kept);
    this.bytes += kept.length;
  }

  take(): Buffer {
    const [first, ...more] = this.parts;
    const line = first !== undefined && more.length === 0 ? first : Buffer.concat(this.parts);
    [this.parts, this.bytes] = [[], 0];
    return line;
  }
}
