import { createReadStream, type ReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { MAX_LINE_BYTES } from '../../application/commands/import-events/import-events.command.js';
import { ApplicationException } from '../../shared/exceptions/application.exception.js';
import { isUtf16 } from '../../shared/json/decode-json.js';
import { splitLines } from './split-lines.js';
import { UsageError } from './usage-error.js';

const GZIP_MAGIC = 0x1f8b;

/** File of events, one a line; compressed when its name ends with `.gz` or its first bytes are those of gzip. */
export class EventFile {
  private source: ReadStream | null = null;

  private constructor(
    private readonly path: string,
    private readonly sizeBytes: number,
    private readonly isCompressed: boolean,
  ) {}

  /** @throws UsageError unless the path names a file that can be read */
  static async find(path: string): Promise<EventFile> {
    const stats = await stat(path).catch(() => null);
    const start = stats?.isFile() === true ? await readStart(path).catch(() => null) : null;
    if (stats === null || start === null) throw new UsageError(`${path} is no file that can be read`);
    const isCompressed = path.endsWith('.gz') || start.readUInt16BE() === GZIP_MAGIC;
    return new EventFile(path, stats.size, isCompressed);
  }

  percentRead(): number {
    if (this.sizeBytes === 0) return 100;
    return Math.floor(((this.source?.bytesRead ?? 0) / this.sizeBytes) * 100);
  }

  /**
   * Yields the lines of the file, as bytes.
   *
   * @throws ApplicationException with code `file_broken` when the file cannot be read or unpacked to its end
   */
  async *readLines(): AsyncGenerator<Buffer, void, undefined> {
    const source = createReadStream(this.path);
    this.source = source;
    let count = 0;
    try {
      const gunzip = this.isCompressed ? createGunzip() : null;
      source.on('error', (error) => gunzip?.destroy(error));
      for await (const line of splitLines(gunzip === null ? source : source.pipe(gunzip), MAX_LINE_BYTES)) {
        if (count === 0 && isUtf16(line)) throw new Error('it is UTF-16; convert it to UTF-8');
        count++;
        yield line;
      }
      // Node ignores what begins with a zero after a member, so a damaged header would hide the rest of the file.
      const restBytes = gunzip === null ? 0 : this.sizeBytes - gunzip.bytesWritten;
      if (restBytes > 0) throw new Error(`its last ${restBytes} bytes are not gzip`);
    } catch (error) {
      throw this.explain(error as Error, count);
    } finally {
      source.destroy();
    }
  }

  private explain(failure: Error, lines: number): ApplicationException {
    return new ApplicationException('file_broken', {
      detail: `${this.path} is broken after line ${lines}: ${failure.message}. Import a whole one over what is stored.`,
      cause: failure,
    });
  }
}

/** Returns the first two bytes, zeros in place of absent ones. */
async function readStart(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    return (await file.read(Buffer.alloc(2), 0, 2, 0)).buffer;
  } finally {
    await file.close();
  }
}
