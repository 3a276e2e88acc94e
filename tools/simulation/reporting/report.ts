import type { Histogram } from '../bookkeeping/histogram.js';
import type { Ledger } from '../bookkeeping/ledger.js';
import type { TrafficMetrics } from '../bookkeeping/traffic-metrics.js';
import type { DevicePlan, Trait } from '../planning/device-plan.js';
import type { Check } from '../verification/check.js';
import { formatCount } from './format.js';

const MARKS = { right: '✓', wrong: '✗', open: '?' } as const;

/** Counts the devices by trait and the places they report, to show which cases a run covers. */
export function describeCrowd(plans: readonly DevicePlan[]): string {
  const traits = new Map<Trait, number>();
  const provinces = new Set<string>();
  const cities = new Set<string>();
  for (const plan of plans) {
    for (const trait of plan.traits) traits.set(trait, (traits.get(trait) ?? 0) + 1);
    for (const { place } of plan.batches.flatMap(({ events }) => events)) {
      if (place !== undefined) provinces.add(place.province);
      if (place?.city !== undefined) cities.add(place.city);
    }
  }
  const counted = [...traits]
    .sort(([, left], [, right]) => right - left)
    .map(([trait, number]) => `${String(number)} ${trait}`);
  return `${String(plans.length)} devices in ${String(provinces.size)} provinces and ${String(cities.size)} cities: ${counted.join(', ')}`;
}

/** Renders the run's figures and checks, with samples for every check that is not right. */
export function renderSummary(
  ledger: Ledger,
  metrics: TrafficMetrics,
  checks: readonly Check[],
  seconds: number,
): string {
  const { batches, events, heartbeats } = ledger;
  const errors = [...metrics.errors]
    .map(([reason, number]) => `${reason} × ${formatCount(number)}`)
    .join(', ');
  const rows: [string, string][] = [
    [
      'time',
      `${seconds.toFixed(1)} s, ${formatCount(metrics.requests)} requests, ${formatCount(metrics.requests / seconds)} a second`,
    ],
    [
      'batches',
      `${formatCount(batches.due)} due, ${formatCount(batches.delivered)} delivered, ${formatCount(batches.undelivered)} not`,
    ],
    [
      'events',
      `${formatCount(ledger.distinctGood)} good and ${formatCount(ledger.distinctBad)} bad, ${formatCount(events.unsent)} unsent`,
    ],
    ['transmissions', `${formatCount(events.sent)} events, re-sent ones included`],
    [
      'answers',
      `${formatCount(events.accepted)} accepted, ${formatCount(events.duplicates)} duplicates, ${formatCount(events.failed)} failed`,
    ],
    ['heartbeats', `${formatCount(heartbeats.accepted)} accepted of ${formatCount(heartbeats.due)}`],
    [
      'sent again',
      `${formatCount(metrics.resends)} after an answer lost on purpose, ${formatCount(metrics.retries)} after an error`,
    ],
    ['errors', errors === '' ? 'none' : errors],
    ['latency, events', formatLatencies(metrics.eventLatency)],
    ['latency, heartbeats', formatLatencies(metrics.heartbeatLatency)],
    ['wait for a free slot', formatLatencies(metrics.slotWait)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}${value}`);
  for (const check of checks) {
    lines.push(`  ${MARKS[check.verdict]} ${check.name}: ${check.detail}`);
    if (check.verdict !== 'right') lines.push(...check.samples.map((sample) => `      ${sample}`));
  }
  return `${lines.join('\n')}\n`;
}

function formatLatencies(histogram: Histogram): string {
  if (histogram.count === 0) return 'none';
  return `p50 ${formatMs(histogram.quantile(0.5))}, p99 ${formatMs(histogram.quantile(0.99))}`;
}

function formatMs(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
