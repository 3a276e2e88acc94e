import { Histogram } from './histogram.js';

/** What went over the wire, for the progress line and the summary. No check depends on it. */
export class Traffic {
  requests = 0;
  /** Sent again because the service did not give a usable answer. */
  retries = 0;
  /** Sent again because the plan says that the answer got lost. */
  resends = 0;
  devicesActive = 0;
  readonly errors = new Map<string, number>();
  readonly eventLatency = new Histogram();
  readonly heartbeatLatency = new Histogram();
  /** How long messages waited for one of the connections: when this grows, `--concurrency` is the limit. */
  readonly slotWait = new Histogram();

  error(reason: string): void {
    this.errors.set(reason, (this.errors.get(reason) ?? 0) + 1);
  }

  get errorCount(): number {
    let sum = 0;
    for (const number of this.errors.values()) sum += number;
    return sum;
  }
}
