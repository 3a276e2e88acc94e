import type { Ledger } from '../bookkeeping/ledger.js';
import type { TrafficMetrics } from '../bookkeeping/traffic-metrics.js';

/** The output of the simulator: standard output, or a string in tests. */
export interface Output {
  readonly isTTY: boolean;
  /** The width of a terminal; a longer line would wrap and could not be rewritten. */
  readonly columns?: number;
  write(text: string): void;
}

const TERMINAL_EVERY_MS = 250;
const LOG_EVERY_MS = 5_000;

/**
 * Rewrites one line on a terminal and writes a line every few seconds elsewhere. It samples counters on a timer,
 * while src/cli's Progress is called by the work it reports.
 */
export class ProgressLine {
  private timer: NodeJS.Timeout | undefined;
  private startedMs = 0;
  private last = { ms: 0, requests: 0 };

  constructor(
    private readonly output: Output,
    private readonly ledger: Ledger,
    private readonly metrics: TrafficMetrics,
    /** Returns further words for the end of the line. */
    private readonly note: () => string = () => '',
  ) {}

  start(): void {
    this.startedMs = performance.now();
    this.last = { ms: this.startedMs, requests: this.metrics.requests };
    const everyMs = this.output.isTTY ? TERMINAL_EVERY_MS : LOG_EVERY_MS;
    this.timer = setInterval(() => {
      const { isTTY, columns } = this.output;
      const line = this.renderLine();
      this.output.write(isTTY ? `\r\u001b[2K${line.slice(0, columns)}` : `${line}\n`);
    }, everyMs);
  }

  stop(): void {
    clearInterval(this.timer);
    if (this.output.isTTY) this.output.write('\r\u001b[2K');
  }

  private renderLine(): string {
    const now = performance.now();
    const { events, heartbeats } = this.ledger;
    const rate = ((this.metrics.requests - this.last.requests) * 1000) / Math.max(1, now - this.last.ms);
    this.last = { ms: now, requests: this.metrics.requests };
    const parts: readonly (readonly [string, number])[] = [
      ['active', this.metrics.devicesActive],
      ['sent', events.sent],
      ['accepted', events.accepted],
      ['duplicates', events.duplicates],
      ['failed', events.failed],
      ['heartbeats', heartbeats.accepted],
      ['retries', this.metrics.retries],
      ['errors', this.metrics.errorCount],
      ['req/s', Math.round(rate)],
    ];
    const elapsed = `${((now - this.startedMs) / 1000).toFixed(0)} s`;
    const note = this.note();
    const figures = parts.map(([name, number]) => `${name} ${String(number)}`);
    return [elapsed, ...figures, ...(note === '' ? [] : [note])].join(' · ');
  }
}
