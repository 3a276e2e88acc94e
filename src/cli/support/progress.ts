const INTERVAL_MS = 200;
const LOG_INTERVAL_MS = 5000;

/** Shows one line that a terminal rewrites; a log file receives a new line every few seconds. */
export class Progress {
  private lastMs = -Infinity;

  constructor(private readonly out: NodeJS.WriteStream = process.stderr) {}

  show(line: string): void {
    const nowMs = performance.now();
    if (nowMs - this.lastMs < (this.out.isTTY ? INTERVAL_MS : LOG_INTERVAL_MS)) return;
    this.lastMs = nowMs;
    this.out.write(this.out.isTTY ? `\r\u001b[2K${line}` : `${line}\n`);
  }

  /** Removes the line from a terminal before other output. */
  clear(): void {
    if (this.out.isTTY) this.out.write('\r\u001b[2K');
  }
}
