import type { Ledger } from './ledger.js';
import type { Traffic } from './traffic.js';

/** Where the simulator writes: standard output, or a string in tests. */
export interface Output {
  readonly isTTY: boolean;
  /** The width of a terminal: a longer line would wrap and could not be renewed. */
  readonly columns?: number;
  write(text: string): void;
}

const TERMINAL_EVERY_MS = 250;
const LOG_EVERY_MS = 5_000;

/** One line that renews itself on a terminal, a line every few seconds elsewhere. */
export class ProgressLine {
  private timer: NodeJS.Timeout | undefined;
  private startedMs = 0;
  private last = { ms: 0, requests: 0 };

  constructor(
    private readonly output: Output,
    private readonly ledger: Ledger,
    private readonly traffic: Traffic,
  ) {}

  start(): void {
    this.startedMs = performance.now();
    this.last = { ms: this.startedMs, requests: this.traffic.requests };
    const everyMs = this.output.isTTY ? TERMINAL_EVERY_MS : LOG_EVERY_MS;
    this.timer = setInterval(() => {
      const { isTTY, columns } = this.output;
      this.output.write(isTTY ? `\r\u001b[2K${this.line().slice(0, columns)}` : `${this.line()}\n`);
    }, everyMs);
  }

  stop(): void {
    clearInterval(this.timer);
    if (this.output.isTTY) this.output.write('\r\u001b[2K');
  }

  line(): string {
    const now = performance.now();
    const { events, heartbeats } = this.ledger;
    const rate = ((this.traffic.requests - this.last.requests) * 1000) / Math.max(1, now - this.last.ms);
    this.last = { ms: now, requests: this.traffic.requests };
    const parts: readonly (readonly [string, number])[] = [
      ['active', this.traffic.devicesActive],
      ['sent', events.sent],
      ['accepted', events.accepted],
      ['duplicates', events.duplicates],
      ['failed', events.failed],
      ['heartbeats', heartbeats.accepted],
      ['retries', this.traffic.retries],
      ['errors', this.traffic.errorCount],
      ['req/s', Math.round(rate)],
    ];
    const elapsed = `${((now - this.startedMs) / 1000).toFixed(0)} s`;
    return [elapsed, ...parts.map(([name, number]) => `${name} ${String(number)}`)].join(' · ');
  }
}
