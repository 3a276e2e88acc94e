import { AggregatorRegistry, type Registry } from 'prom-client';

type Metric = Awaited<ReturnType<Registry['getMetricsAsJSON']>>[number];
type Value = Metric['values'][number];
/** Metrics of one process, as its registry describes them. */
export type MetricsOfProcess = readonly Metric[];

/**
 * Merges the metrics of processes into one text: each metric by its aggregator, by default the sum. A value that one
 * process does not know (NaN) leaves those of the others as they are.
 */
export function mergeMetrics(processes: readonly MetricsOfProcess[]): Promise<string> {
  return aggregate(processes).metrics();
}

/**
 * Adds up the counters and histograms of processes that have ended, so that sums over processes never fall: a fall
 * would look like a restart, after which everything counts again.
 */
export async function mergeEnded(processes: readonly MetricsOfProcess[]): Promise<MetricsOfProcess> {
  const lasting = processes.map((metrics) => metrics.filter(isCumulative));
  return aggregate(lasting).getMetricsAsJSON();
}

function aggregate(processes: readonly MetricsOfProcess[]): ReturnType<typeof AggregatorRegistry.aggregate> {
  return AggregatorRegistry.aggregate(withoutUnknown(processes));
}

function isCumulative({ type }: Metric): boolean {
  return ['counter', 'histogram', 'summary'].includes(String(type));
}

/** Removes the NaN of series that another process has a number for: a sum or a maximum with one is NaN. */
function withoutUnknown(processes: readonly MetricsOfProcess[]): MetricsOfProcess[] {
  const known = new Set<string>();
  const seen = new Set<string>();
  for (const metric of processes.flat())
    for (const value of metric.values) if (!Number.isNaN(value.value)) known.add(seriesOf(metric, value));
  const isKept = (metric: Metric, value: Value): boolean => {
    if (!Number.isNaN(value.value)) return true;
    const series = seriesOf(metric, value);
    const isFirst = !known.has(series) && !seen.has(series);
    seen.add(series);
    return isFirst;
  };
  return processes.map((metrics) =>
    metrics.map((metric) => ({ ...metric, values: metric.values.filter((value) => isKept(metric, value)) })),
  );
}

function seriesOf({ name }: Metric, { labels }: Value): string {
  return `${name}\n${Object.entries(labels)
    .map(([label, value]) => `${label}=${value}`)
    .sort()
    .join('\n')}`;
}
