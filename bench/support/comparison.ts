import type { BenchContext } from './context.js';
import { format, print } from './output.js';
import { verdictOf, type Comparison, type Measurement } from './results.js';
import { median } from './statistics.js';

export type ComparisonDescription = Pick<Comparison, 'id' | 'work' | 'limitedBy' | 'unit' | 'goal'>;

export interface ComparisonSteps {
  /** Restores the same state before each measurement of the limit and of the service. */
  readonly reset?: () => Promise<void>;
  readonly measureLimit: () => Promise<Measurement>;
  readonly measureService: () => Promise<Measurement>;
}

interface Round {
  readonly limit: Measurement;
  readonly service: Measurement;
}

/** Measures limit and service alternately, so that a machine that slows down slows both down. */
export async function compare(
  { scale }: Pick<BenchContext, 'scale'>,
  description: ComparisonDescription,
  { reset = () => Promise.resolve(), measureLimit, measureService }: ComparisonSteps,
): Promise<Comparison> {
  print(`\n${description.work}`);
  const rounds: Round[] = [];
  for (let number = 1; number <= scale.rounds; number++) {
    await reset();
    const limit = await measureLimit();
    await reset();
    const service = await measureService();
    rounds.push({ limit, service });
    print(
      `  ${number}/${scale.rounds}  limit ${format(limit.value)}, service ${format(service.value)} ${description.unit}, ` +
        `ratio ${(service.value / limit.value).toFixed(2)}${formatCpu(service, limit)}`,
    );
  }
  const comparison = summarize(description, rounds);
  print(`  ratio ${comparison.ratio.toFixed(2)}, goal ${verdictOf(comparison)}`);
  return comparison;
}

function summarize(description: ComparisonDescription, rounds: readonly Round[]): Comparison {
  const limits = rounds.map(({ limit }) => limit);
  const services = rounds.map(({ service }) => service);
  const latencies = pickDefined(services, ({ latency }) => latency);
  const cpuMicroseconds = pickDefined(services, (one) => one.cpuMicroseconds);
  const limitCpus = pickDefined(limits, (one) => one.cpuMicroseconds);
  const cpuSeconds = pickDefined(services, (one) => one.cpuSeconds);
  const peaks = pickDefined(services, ({ peakMib }) => peakMib);
  const generatorLoads = pickDefined(limits, ({ generatorLoad }) => generatorLoad);
  const dropped = pickDefined(services, (one) => one.dropped);
  return {
    ...description,
    limit: limits.map(({ value }) => value),
    service: services.map(({ value }) => value),
    ratio: median(rounds.map(({ limit, service }) => service.value / limit.value)),
    ...(latencies.length > 0 && {
      latency: {
        p50Ms: median(latencies.map(({ p50Ms }) => p50Ms)),
        p99Ms: median(latencies.map(({ p99Ms }) => p99Ms)),
      },
    }),
    ...(cpuMicroseconds.length > 0 && { cpuMicroseconds: median(cpuMicroseconds) }),
    ...(limitCpus.length > 0 && { limitCpuMicroseconds: median(limitCpus) }),
    ...(cpuSeconds.length > 0 && { cpuSeconds: median(cpuSeconds) }),
    ...(peaks.length > 0 && { peakMib: Math.max(...peaks) }),
    ...(generatorLoads.length > 0 && { generatorLoadAtLimit: median(generatorLoads) }),
    ...(dropped.length > 0 && { dropped: dropped.reduce((sum, one) => sum + one, 0) }),
    perRound: rounds,
  };
}

function pickDefined<T>(
  measurements: readonly Measurement[],
  pick: (one: Measurement) => T | undefined,
): T[] {
  return measurements.map(pick).filter((value) => value !== undefined);
}

function formatCpu({ cpuMicroseconds }: Measurement, limit: Measurement): string {
  if (cpuMicroseconds === undefined) return '';
  const beside = limit.cpuMicroseconds === undefined ? '' : ` beside ${format(limit.cpuMicroseconds)}`;
  return `, ${format(cpuMicroseconds)}${beside} µs of CPU each`;
}
