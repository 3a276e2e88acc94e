import { Histogram } from './histogram.js';

/** Counts requests and latencies for the progress line and the summary; no check depends on them. */
export class TrafficMetrics {
  requests = 0;
  /** Requests sent again after an error. */
  retries = 0;
  /** Requests sent again because the plan loses the response. */
  resends = 0;
  devicesActive = 0;
  readonly errors = new Map<string, number>();
  readonly eventLatency = new Histogram();
  readonly heartbeatLatency = new Histogram();
  /** The wait for a free connection; it grows when `--concurrency` is the limit. */
  readonly slotWait = new Histogram();

  recordError(reason: string): void {
    this.errors.set(reason, (this.errors.get(reason) ?? 0) + 1);
  }

  get errorCount(): number {
    let sum = 0;
    for (const number of this.errors.values()) sum += number;
    return sum;
  }
}
