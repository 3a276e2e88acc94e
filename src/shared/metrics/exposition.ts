import { metricsRegistry } from './metrics.js';

let read = (): Promise<string> => metricsRegistry.metrics();

/** Replaces the metrics of this process by those of all workers. */
export function exposeMetricsOf(source: () => Promise<string>): void {
  read = source;
}

/** Returns what `GET /metrics` answers. */
export function readMetrics(): Promise<string> {
  return read();
}
