import { readFileSync, writeFileSync } from 'node:fs';

import prettier from 'prettier';

import { drawGrowth, drawRatios } from './chart.js';
import { format } from './context.js';
import { isMet, type Comparison, type Growth, type Memory, type Results } from './results.js';
import { median } from './statistics.js';

const DOCS = new URL('../../docs/', import.meta.url);
const BEGIN = '<!-- results: written by npm run bench -->';
const END = '<!-- end of results -->';
const MIB = 1024 * 1024;

/** Puts the tables of a whole run into docs/performance.md, and its pictures beside it. */
export async function updatePerformancePage(results: Results): Promise<void> {
  const page = new URL('performance.md', DOCS);
  const text = readFileSync(page, 'utf8');
  const [before, rest = ''] = text.split(BEGIN);
  const after = rest.split(END)[1] ?? '';
  const updated = `${before}${BEGIN}\n\n${renderResults(results)}\n${END}${after}`;
  const style = await prettier.resolveConfig(page);
  writeFileSync(page, await prettier.format(updated, { ...style, parser: 'markdown' }));
  writeFileSync(new URL('performance.svg', DOCS), drawRatios(results));
  writeFileSync(new URL('growth.svg', DOCS), drawGrowth(results.growth));
}

export function renderResults(results: Results): string {
  const { machine, versions, startedAt, rounds, seconds } = results;
  return [
    `Run of ${startedAt.slice(0, 10)}: ${machine.cores} cores (${machine.cpu}), ${machine.memoryGib} GiB, ${machine.platform}; ` +
      `${Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', ')}; ${rounds} rounds, ${Math.round(seconds / 60)} minutes.`,
    '',
    '![Ratios of service and limit, with their goals](performance.svg)',
    '',
    ...renderComparisons(results.comparisons),
    '',
    '![Growth of ingest and rollup](growth.svg)',
    '',
    ...renderGrowth(results.growth),
    '',
    ...renderMemory(results.memory),
    ...(results.storage === null
      ? []
      : [
          '',
          `An event takes ${format(results.storage.bytesPerEvent)} bytes of PostgreSQL, an active of a day with its places ` +
            `${format(results.storage.bytesPerActive)}, indexes included.`,
        ]),
    '',
  ].join('\n');
}

function renderComparisons(comparisons: readonly Comparison[]): string[] {
  return [
    '| work | limit, same run | limit | service | ratio | goal | p50 / p99 | CPU each | memory |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...comparisons.map((one) => {
      const wanted = one.goal.atMost === undefined ? `≥ ${one.goal.atLeast}` : `≤ ${one.goal.atMost}`;
      const { latency, cpuMicroseconds, peakMib } = one;
      const cells = [
        one.work,
        one.limitedBy,
        withSpread(one.limit, one.unit),
        withSpread(one.service, one.unit),
        `**${one.ratio.toFixed(2)}**`,
        `${wanted}: ${isMet(one.ratio, one.goal) ? 'met' : 'not met'}`,
        latency === undefined ? '' : `${format(latency.p50Ms)} / ${format(latency.p99Ms)} ms`,
        cpuMicroseconds === undefined ? '' : `${format(cpuMicroseconds)} µs`,
        peakMib === undefined ? '' : `${format(peakMib)} MiB`,
      ];
      return `| ${cells.join(' | ')} |`;
    }),
  ];
}

function withSpread(values: readonly number[], unit: string): string {
  const spread = values.length > 1 ? ` (${format(Math.min(...values))}–${format(Math.max(...values))})` : '';
  return `${format(median(values))}${spread} ${unit}`;
}

function renderGrowth(growth: readonly Growth[]): string[] {
  return [
    '| growth | | goal |',
    '| --- | --- | --- |',
    ...growth.map(({ what, unit, points, goal, met }) => {
      const figures = points.map(({ millions, value }) => `${format(millions)} M: ${format(value)} ${unit}`);
      return `| ${what} | ${figures.join(', ')} | ${goal}: ${met ? 'met' : 'not met'} |`;
    }),
  ];
}

function renderMemory({ redisBytesOfMillionUsers, soak }: Memory): string[] {
  return [
    ...(redisBytesOfMillionUsers === undefined
      ? []
      : [`Redis takes ${format(redisBytesOfMillionUsers / MIB)} MiB for a million online users.`]),
    ...(soak === undefined
      ? []
      : [
          `Under batches and heartbeats at once for ${soak.seconds} s (${format(soak.requests)} requests) the service's memory was ` +
            `${format(soak.firstMib)} MiB in the second tenth of the time, ${format(soak.lastMib)} MiB in the last, ` +
            `${format(soak.peakMib)} MiB at most.`,
        ]),
  ];
}
