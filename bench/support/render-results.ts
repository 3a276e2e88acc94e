import { mergeRuns } from './merge-runs.js';
import { BYTES_PER_MIB, format } from './output.js';
import {
  EMPTY_ROUTE_LABEL,
  verdict,
  verdictOf,
  type Comparison,
  type Growth,
  type Memory,
  type Results,
  type Storage,
} from './results.js';
import { median } from './statistics.js';

/** Renders the tables of one or several runs as Markdown. */
export function renderResults(runs: readonly Results[]): string {
  const { comparisons, growth, memory, storage } = mergeRuns(runs);
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
      const { latency, cpuMicroseconds, limitCpuMicroseconds, cpuSeconds, peakMib } = one;
      const ratios = one.service.map((value, round) => value / (one.limit[round] ?? NaN));
      const cells = [
        one.work,
        one.limitedBy,
        formatWithSpread(one.limit, one.unit),
        formatWithSpread(one.service, one.unit),
        `**${one.ratio.toFixed(2)}**${formatSpread(ratios, (ratio) => ratio.toFixed(2))}`,
        verdictOf(one),
        latency === undefined ? '' : `${format(latency.p50Ms)} / ${format(latency.p99Ms)} ms`,
        cpuMicroseconds === undefined
          ? ''
          : `${format(cpuMicroseconds)} µs${cpuSeconds === undefined ? '' : ` (${format(cpuSeconds)} s)`}` +
            (limitCpuMicroseconds === undefined ? '' : `, limit ${format(limitCpuMicroseconds)} µs`),
        peakMib === undefined ? '' : `${format(peakMib)} MiB`,
      ];
      return `| ${cells.join(' | ')} |`;
    }),
  ];
}

/** Renders the caveats of the comparison table. */
function renderRemarks(comparisons: readonly Comparison[]): string[] {
  const loads = comparisons.flatMap(({ limitedBy, generatorLoadAtLimit }) =>
    limitedBy === EMPTY_ROUTE_LABEL && generatorLoadAtLimit !== undefined ? [generatorLoadAtLimit] : [],
  );
  const remarks = comparisons.flatMap(({ work, dropped = 0 }) =>
    dropped === 0 ? [] : [`${work}: ${format(dropped)} heartbeat events were dropped, not published.`],
  );
  if (loads.length > 0) {
    const digits = (load: number): string => load.toFixed(2);
    remarks.unshift(
      `At the limits of requests the generator itself had ${digits(median(loads))}${formatSpread(loads, digits)} of a core: ` +
        'with a faster one these limits are higher and the ratios lower.',
    );
  }
  return remarks.flatMap((remark) => [remark, '']);
}

function formatWithSpread(values: readonly number[], unit: string): string {
  return `${format(median(values))}${formatSpread(values, format)} ${unit}`;
}

function formatSpread(values: readonly number[], text: (value: number) => string): string {
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
      : [
          `Redis takes ${format(redisBytesOfMillionUsers / BYTES_PER_MIB)} MiB for a million online users.`,
          '',
        ]),
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
