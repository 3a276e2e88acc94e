const INTERVAL_MS = 200;
const LOG_INTERVAL_MS = 5000;

/** One line that is rewritten on a terminal; elsewhere (a log file, CI) a new line every few seconds. */
export class Progress {
  private lastMs = 0;

  constructor(private readonly out: NodeJS.WriteStream = process.stderr) {}

  show(line: string): void {
    const now = Date.now();
    if (now - this.lastMs < (this.out.isTTY ? INTERVAL_MS : LOG_INTERVAL_MS)) return;
    this.lastMs = now;
    this.out.write(this.out.isTTY ? `\r\u001b[2K${line}` : `${line}\n`);
  }

  /** Clears the line, so that what follows stands alone. */
  done(): void {
    if (this.out.isTTY) this.out.write('\r\u001b[2K');
  }
}
