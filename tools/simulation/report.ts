import type { Check } from './checks.js';
import type { Histogram } from './histogram.js';
import type { Ledger } from './ledger.js';
import type { DevicePlan, Trait } from './plan.js';
import type { Traffic } from './traffic.js';

const MARKS = { right: '✓', wrong: '✗', open: '?' } as const;

/** Who the crowd is: shows that a run had somebody of every kind. */
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

export function summary(ledger: Ledger, traffic: Traffic, checks: readonly Check[], seconds: number): string {
  const { batches, events, heartbeats } = ledger;
  const errors = [...traffic.errors].map(([reason, number]) => `${reason} × ${count(number)}`).join(', ');
  const rows: [string, string][] = [
    [
      'time',
      `${seconds.toFixed(1)} s, ${count(traffic.requests)} requests, ${count(traffic.requests / seconds)} a second`,
    ],
    [
      'batches',
      `${count(batches.due)} due, ${count(batches.delivered)} delivered, ${count(batches.undelivered)} not`,
    ],
    [
      'events',
      `${count(ledger.distinctGood)} good and ${count(ledger.distinctBad)} bad, ${count(events.unsent)} unsent`,
    ],
    ['transmissions', `${count(events.sent)} events, re-sent ones included`],
    [
      'answers',
      `${count(events.accepted)} accepted, ${count(events.duplicates)} duplicates, ${count(events.failed)} failed`,
    ],
    ['heartbeats', `${count(heartbeats.accepted)} accepted of ${count(heartbeats.due)}`],
    [
      'sent again',
      `${count(traffic.resends)} after an answer lost on purpose, ${count(traffic.retries)} after an error`,
    ],
    ['errors', errors === '' ? 'none' : errors],
    ['latency, events', latencies(traffic.eventLatency)],
    ['latency, heartbeats', latencies(traffic.heartbeatLatency)],
    ['wait for a free slot', latencies(traffic.slotWait)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}${value}`);
  for (const check of checks) {
    lines.push(`  ${MARKS[check.verdict]} ${check.name}: ${check.detail}`);
    if (check.verdict !== 'right') lines.push(...check.samples.map((sample) => `      ${sample}`));
  }
  return `${lines.join('\n')}\n`;
}

function latencies(histogram: Histogram): string {
  if (histogram.count === 0) return 'none';
  return `p50 ${ms(histogram.quantile(0.5))}, p99 ${ms(histogram.quantile(0.99))}`;
}

function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

function count(number: number): string {
  return Math.round(number).toLocaleString('en-US');
}
