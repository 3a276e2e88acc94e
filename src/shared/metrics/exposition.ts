import { metricsRegistry } from './metrics.js';

/** The next text waits this many times as long as the last one took: all texts take a tenth of the time. */
const REST_RATIO = 9;
const REST_MAX_MS = 1_000;

let read = (): Promise<string> => metricsRegistry.metrics();
let rested: Promise<unknown> = Promise.resolve();
/** The text that has not begun: all who ask before it does share it. */
let next: Promise<Buffer> | null = null;

/** Replaces the metrics of this process by those of all workers. */
export function exposeMetricsOf(source: () => Promise<string>): void {
  read = source;
}

/** Returns what `GET /metrics` answers: all that was counted before the call, or the source's error. */
export function readMetrics(): Promise<Buffer> {
  next ??= rested.then(() => {
    next = null;
    const startedMs = performance.now();
    const text = read();
    const rest = (): Promise<void> => {
      const restMs = Math.min(REST_RATIO * (performance.now() - startedMs), REST_MAX_MS);
      return new Promise((resolve) => setTimeout(resolve, restMs).unref());
    };
    rested = text.then(rest, rest);
    return text.then((each) => Buffer.from(each));
  });
  return next;
}
