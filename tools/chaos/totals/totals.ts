import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readReport, type RunReport } from '../report/run-report.js';
import type { Run } from './published-runs.js';
import { listRuns } from './run-list.js';

const HISTORY = 'history.jsonl.gz';

/** Collects every run below a directory. */
export function collectRuns(directory: string): Run[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(HISTORY))
    .map((path) => dirname(join(directory, path)))
    .sort()
    .map((run) => ({ name: basename(run), report: readReport(run) ?? null }));
}

/** Writes the totals as Markdown. */
export function renderTotals(runs: readonly Run[]): string {
  const reports = runs.flatMap(({ report }) => report ?? []);
  const sum = (value: (report: RunReport) => number): number =>
    reports.reduce((total, report) => total + value(report), 0);
  const kinds = new Map<string, number>();
  for (const { faults } of reports)
    for (const [kind, count] of Object.entries(faults)) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
  const recoveries = reports.flatMap(({ recoveriesMs }) => recoveriesMs).sort((left, right) => left - right);
  const wrong = reports.filter(({ verdict }) => verdict === 'wrong');
  const faults = [...kinds.values()].reduce((total, count) => total + count, 0);
  const rows: readonly (readonly [string, string])[] = [
    ['runs', count(reports.length)],
    ['minutes of load', count(Math.round(sum(({ minutes }) => minutes)))],
    ['faults', count(faults)],
    ['kinds of faults', count(kinds.size)],
    ['requests', count(sum(({ requests }) => requests))],
    ['acknowledged events', count(sum(({ acknowledged }) => acknowledged))],
    ['acknowledged and lost', count(sum(({ lost }) => lost))],
    ['stored twice', count(sum(({ twice }) => twice))],
    ['sessions on Kafka', count(sum(({ published }) => published))],
    ['stored and missing on Kafka', count(sum(({ unpublished }) => unpublished))],
    ['crashes', count(sum(({ crashes }) => crashes))],
    ['runs with drift', count(sum(({ drifts }) => drifts))],
    ['recoveries', count(recoveries.length)],
    ['recovery, median', time(percentile(recoveries, 0.5))],
    ['recovery, p99', time(percentile(recoveries, 0.99))],
    ['recovery, longest', time(recoveries.at(-1) ?? 0)],
    ['runs with a check that does not hold', count(wrong.length)],
    ['runs with a check left open', count(reports.filter(({ open }) => open.length > 0).length)],
    ['runs cut off', count(runs.length - reports.length)],
  ];
  return [
    table('total', 'value', rows),
    table(
      'kind of fault',
      'times',
      [...kinds]
        .sort(([left], [right]) => left.localeCompare(right))
        .map(([kind, times]) => [`\`${kind}\``, count(times)]),
    ),
    table('variant of the stores', 'runs', countStores(reports)),
    `Seeds: ${seedsOf(reports)}.`,
    ...listRuns(runs),
    ...(wrong.length === 0
      ? []
      : [
          table(
            'seed',
            'does not hold',
            wrong.map((report) => [report.seed, report.wrong.join('; ')]),
          ),
        ]),
  ].join('\n\n');
}

function countStores(reports: readonly RunReport[]): (readonly [string, string])[] {
  const stores = [...new Set(reports.flatMap((report) => report.stores))].sort();
  const single = reports.filter((report) => report.stores.length === 0).length;
  return [
    ...stores.map((store): [string, string] => [
      store,
      count(reports.filter((report) => report.stores.includes(store)).length),
    ]),
    ['none: one server each', count(single)],
  ];
}

/** Writes each seed once, with the number of its runs when there are several. */
function seedsOf(reports: readonly RunReport[]): string {
  const seeds = new Map<string, number>();
  for (const { seed } of reports) seeds.set(seed, (seeds.get(seed) ?? 0) + 1);
  return [...seeds].map(([seed, runs]) => (runs === 1 ? seed : `${seed} (${String(runs)} ×)`)).join(', ');
}

/** Returns the smallest value that at least this share of the sorted list does not exceed. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function table(left: string, right: string, rows: readonly (readonly [string, string])[]): string {
  return [`| ${left} | ${right} |`, '| --- | ---: |', ...rows.map((row) => `| ${row.join(' | ')} |`)].join(
    '\n',
  );
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function time(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
