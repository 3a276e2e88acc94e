import { createReadStream, type ReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { ApplicationException } from '../../shared/exceptions/application.exception.js';
import { UsageError } from './usage-error.js';

/** File of events, one a line; a name that ends with `.gz` means that it is compressed. */
export class EventFile {
  private source: ReadStream | null = null;

  private constructor(
    private readonly path: string,
    private readonly sizeBytes: number,
  ) {}

  /** @throws UsageError unless the path names a file that can be read */
  static async find(path: string): Promise<EventFile> {
    const stats = await stat(path).catch(() => null);
    if (!stats?.isFile()) throw new UsageError(`${path} is no file that can be read`);
    return new EventFile(path, stats.size);
  }

  percentRead(): number {
    if (this.sizeBytes === 0) return 100;
    return Math.floor(((this.source?.bytesRead ?? 0) / this.sizeBytes) * 100);
  }

  /**
   * Yields the lines of the file.
   *
   * @throws ApplicationException with code `file_broken` when the file cannot be read or unpacked to its end
   */
  async *readLines(): AsyncGenerator<string, void, undefined> {
    const source = createReadStream(this.path);
    this.source = source;
    const text = this.path.endsWith('.gz') ? source.pipe(createGunzip()) : source;
    const lines = createInterface({ input: text, crlfDelay: Infinity });
    const failures: Error[] = [];
    // Some versions of readline ignore the errors of their input, so the handler ends the reading.
    const fail = (error: Error): void => {
      failures.push(error);
      lines.close();
    };
    source.on('error', fail);
    text.on('error', fail);
    let count = 0;
    try {
      for await (const line of lines) {
        count++;
        yield line;
      }
    } catch (error) {
      failures.push(error as Error);
    } finally {
      lines.close();
      source.destroy();
    }
    const [failure] = failures;
    if (failure !== undefined) throw this.explain(failure, count);
  }

  private explain(failure: Error, lines: number): ApplicationException {
    return new ApplicationException('file_broken', {
      detail: `${this.path} is broken after line ${lines}: ${failure.message}. Import a whole one over what is stored.`,
      cause: failure,
    });
  }
}
