import { closeSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RejectedLine } from '../../application/commands/import-events/import-events.command.js';
import { UsageError } from './usage-error.js';

/** File that receives every rejected line of an import, so that an operator can correct them. */
export class RejectedFile {
  private constructor(private readonly descriptor: number) {}

  /** @throws UsageError when the file cannot be written, or is the file that is imported */
  static create(path: string, importedPath: string): RejectedFile {
    if (resolve(path) === resolve(importedPath))
      throw new UsageError(`--rejected must be another file than the imported one, not ${path}`);
    try {
      return new RejectedFile(openSync(path, 'w'));
    } catch (error) {
      throw new UsageError(`--rejected must be a file that can be written, not ${path}: ${String(error)}`);
    }
  }

  write({ line, code, message }: RejectedLine): void {
    writeSync(this.descriptor, `${JSON.stringify({ line, code, message })}\n`);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
