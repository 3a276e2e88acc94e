import { readFileSync, writeFileSync } from 'node:fs';

import prettier from 'prettier';

import { drawGrowth, drawRatios } from './chart.js';
import { format } from './context.js';
import {
  EMPTY_ROUTE,
  verdict,
  verdictOf,
  type Comparison,
  type Growth,
  type Memory,
  type Results,
  type Storage,
} from './results.js';
import { median } from './statistics.js';

const DOCS = new URL('../../docs/', import.meta.url);
const BEGIN = '<!-- results: written by npm run bench -->';
const END = '<!-- end of results -->';
const MIB = 1024 * 1024;

/** What one page tells, be it of one run or of several. */
type Figures = Pick<Results, 'comparisons' | 'growth' | 'memory' | 'storage'>;

/** Puts the tables of runs into docs/performance.md, and their pictures beside it; where two measured the same, the later counts. */
export async function updatePerformancePage(runs: readonly Results[]): Promise<void> {
  const page = new URL('performance.md', DOCS);
  const text = readFileSync(page, 'utf8');
  const [before, rest = ''] = text.split(BEGIN);
  const after = rest.split(END)[1] ?? '';
  const updated = `${before}${BEGIN}\n\n${renderResults(runs)}\n${END}${after}`;
  const style = await prettier.resolveConfig(page);
  writeFileSync(page, await prettier.format(updated, { ...style, parser: 'markdown' }));
  const { comparisons, growth } = merge(runs);
  writeFileSync(new URL('performance.svg', DOCS), drawRatios(comparisons));
  writeFileSync(new URL('growth.svg', DOCS), drawGrowth(growth));
}

export function renderResults(runs: readonly Results[]): string {
  const { comparisons, growth, memory, storage } = merge(runs);
  return [
    ...(runs.length === 1
      ? runs.map((run) => renderRun(run))
      : runs.map((run) => `- ${renderRun(run, true)}`)),
    '',
    '![Ratios of service and limit, with their goals](performance.svg)',
    '',
    ...renderComparisons(comparisons),
    '',
    ...renderRemarks(comparisons),
    '![Growth of ingest and rollup](growth.svg)',
    '',
    ...renderGrowth(growth),
    '',
    ...renderMemory(memory),
    ...renderStorage(storage),
  ].join('\n');
}

function merge(runs: readonly Results[]): Figures {
  const last = <T>(all: readonly T[], key: (one: T) => string): T[] => [
    ...new Map(all.map((one) => [key(one), one])).values(),
  ];
  return {
    comparisons: last(
      runs.flatMap(({ comparisons }) => comparisons),
      ({ id }) => id,
    ),
    growth: last(
      runs.flatMap(({ growth }) => growth),
      ({ what }) => what,
    ),
    memory: Object.assign({}, ...runs.map(({ memory }) => memory)) as Memory,
    storage: runs.findLast(({ storage }) => storage !== null)?.storage ?? null,
  };
}

function renderRun(run: Results, withTime = false): string {
  const { machine, versions, durability, commit, startedAt, rounds, replicas, seconds } = run;
  const when = withTime ? `${startedAt.slice(0, 16).replace('T', ' ')} UTC` : startedAt.slice(0, 10);
  const facts = [
    `${machine.cores} cores (${machine.cpu}), ${machine.memoryGib} GiB, ${machine.platform}`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    ...(durability === undefined ? [] : [`commits on disk by ${durability['wal_sync_method']}`]),
    `${replicas > 1 ? `${replicas} replicas, ` : ''}${rounds} rounds, ${Math.round(seconds / 60)} minutes`,
  ];
  return `Run of ${when}${commit === undefined ? '' : `, commit ${commit}`}: ${facts.join('; ')}.`;
}

function renderComparisons(comparisons: readonly Comparison[]): string[] {
  return [
    '| work | limit, same run | limit | service | ratio | goal | p50 / p99 | CPU each (of a round) | memory |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...comparisons.map((one) => {
      const { latency, cpuMicroseconds, cpuSeconds, peakMib } = one;
      const ratios = one.service.map((value, round) => value / (one.limit[round] ?? NaN));
      const cells = [
        one.work,
        one.limitedBy,
        withSpread(one.limit, one.unit),
        withSpread(one.service, one.unit),
        `**${one.ratio.toFixed(2)}**${spreadOf(ratios, (ratio) => ratio.toFixed(2))}`,
        verdictOf(one),
        latency === undefined ? '' : `${format(latency.p50Ms)} / ${format(latency.p99Ms)} ms`,
        cpuMicroseconds === undefined
          ? ''
          : `${format(cpuMicroseconds)} µs${cpuSeconds === undefined ? '' : ` (${format(cpuSeconds)} s)`}`,
        peakMib === undefined ? '' : `${format(peakMib)} MiB`,
      ];
      return `| ${cells.join(' | ')} |`;
    }),
  ];
}

/** What the table's figures are to be read with. */
function renderRemarks(comparisons: readonly Comparison[]): string[] {
  const loads = comparisons.flatMap(({ limitedBy, generatorLoadAtLimit }) =>
    limitedBy === EMPTY_ROUTE && generatorLoadAtLimit !== undefined ? [generatorLoadAtLimit] : [],
  );
  const remarks = comparisons.flatMap(({ work, dropped = 0 }) =>
    dropped === 0 ? [] : [`${work}: ${format(dropped)} heartbeat events were dropped, not published.`],
  );
  if (loads.length > 0) {
    const digits = (load: number): string => load.toFixed(2);
    remarks.unshift(
      `At the limits of requests the generator itself had ${digits(median(loads))}${spreadOf(loads, digits)} of a core: ` +
        'with a faster one these limits are higher and the ratios lower.',
    );
  }
  return remarks.flatMap((remark) => [remark, '']);
}

function withSpread(values: readonly number[], unit: string): string {
  return `${format(median(values))}${spreadOf(values, format)} ${unit}`;
}

function spreadOf(values: readonly number[], text: (value: number) => string): string {
  return values.length > 1 ? ` (${text(Math.min(...values))}–${text(Math.max(...values))})` : '';
}

function renderGrowth(growth: readonly Growth[]): string[] {
  if (growth.length === 0) return [];
  return [
    '| growth | | goal |',
    '| --- | --- | --- |',
    ...growth.map(({ what, unit, points, goal, met, remark }) => {
      const figures = points.map(
        ({ millions, value, ratio }) =>
          `${format(millions)} M: ${format(value)} ${unit}${ratio === undefined ? '' : ` (ratio ${ratio.toFixed(2)})`}`,
      );
      return `| ${what} | ${figures.join(', ')} | ${verdict(goal, met)}${remark === undefined ? '' : ` (${remark})`} |`;
    }),
  ];
}

function renderMemory({ redisBytesOfMillionUsers, soak }: Memory): string[] {
  return [
    ...(soak === undefined
      ? []
      : [
          '| memory | | goal |',
          '| --- | --- | --- |',
          `| Batches and heartbeats at once for ${soak.seconds} s, ${format(soak.requests)} requests | ` +
            `${format(soak.firstMib)} MiB in the second tenth of the time, ${format(soak.lastMib)} MiB in the last, ` +
            `${format(soak.peakMib)} MiB at most | ${verdict(soak.goal, soak.met)} |`,
          '',
          ...(soak.refused === undefined || soak.refused === 0
            ? []
            : [
                `In that time ${format(soak.refused)} requests were refused with 503: too much at once, or PostgreSQL or Redis did not answer in time.`,
                '',
              ]),
          ...(soak.dropped === 0
            ? []
            : [`In that time ${format(soak.dropped)} heartbeat events were dropped, not published.`, '']),
        ]),
    ...(redisBytesOfMillionUsers === undefined
      ? []
      : [`Redis takes ${format(redisBytesOfMillionUsers / MIB)} MiB for a million online users.`, '']),
  ];
}

function renderStorage(storage: Storage | null): string[] {
  if (storage === null) return [];
  return [
    `An event takes ${format(storage.bytesPerEvent)} bytes of PostgreSQL, an active of a day with its places ` +
      `${format(storage.bytesPerActive)}, indexes included.`,
    '',
  ];
}
