import { metricsRegistry } from './metrics.js';

/** Scrapers come every few seconds; clients that come more often share one text, and its rendering. */
const MAX_AGE_MS = 1_000;

interface Exposition {
  readonly text: Promise<Buffer>;
  readonly freshUntilMs: number;
}

let read = (): Promise<string> => metricsRegistry.metrics();
let latest: Exposition | null = null;

/** Replaces the metrics of this process by those of all workers. */
export function exposeMetricsOf(source: () => Promise<string>): void {
  read = source;
  latest = null;
}

/** Returns what `GET /metrics` answers: the same bytes to all who ask within a second. */
export function readMetrics(nowMs: number = performance.now()): Promise<Buffer> {
  if (latest !== null && nowMs < latest.freshUntilMs) return latest.text;
  const exposition = { text: render(), freshUntilMs: nowMs + MAX_AGE_MS };
  latest = exposition;
  exposition.text.catch(() => {
    // The next client tries again.
    if (latest === exposition) latest = null;
  });
  return exposition.text;
}

async function render(): Promise<Buffer> {
  return Buffer.from(await read());
}
