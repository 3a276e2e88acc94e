import type { Service } from '../../test/support/service.js';
import type { BenchServers } from './bench-servers.js';
import { verdictOf, type Comparison, type Measured } from './results.js';
import { median } from './statistics.js';

/** How long, how often, how much; the quick form only shows that all of it works. */
export interface Extent {
  readonly rounds: number;
  readonly seconds: number;
  /** Of events in the day that is rolled up; growth adds up to five times as many to the log. */
  readonly dayEvents: number;
  readonly onlineUsers: number;
  readonly soakSeconds: number;
}

export interface BenchContext {
  readonly servers: BenchServers;
  /** One, or the replicas. */
  readonly services: readonly Service[];
  /** Of the service, or of what spreads connections over the replicas. */
  readonly serviceUrl: string;
  /** Of the empty route, or of what spreads connections over as many as there are replicas. */
  readonly emptyRouteUrl: string;
  readonly extent: Extent;
}

export function say(text: string): void {
  console.log(text);
}

export interface Turns {
  /** Before each turn of either: both begin with the same. */
  readonly settle?: () => Promise<void>;
  readonly limit: () => Promise<Measured>;
  readonly service: () => Promise<Measured>;
}

/** Limit and service by turns, so that a machine that slows down slows both down. */
export async function compare(
  context: BenchContext,
  about: Pick<Comparison, 'id' | 'work' | 'limitedBy' | 'unit' | 'goal'>,
  { settle = () => Promise.resolve(), limit, service }: Turns,
): Promise<Comparison> {
  say(`\n${about.work}`);
  const rounds: { limit: Measured; service: Measured }[] = [];
  for (let round = 1; round <= context.extent.rounds; round++) {
    await settle();
    const ofLimit = await limit();
    await settle();
    const ofService = await service();
    rounds.push({ limit: ofLimit, service: ofService });
    say(
      `  ${round}/${context.extent.rounds}  limit ${format(ofLimit.value)}, service ${format(ofService.value)} ${about.unit}, ` +
        `ratio ${(ofService.value / ofLimit.value).toFixed(2)}${cpuEach(ofService)}`,
    );
  }
  const comparison = summarize(about, rounds);
  say(`  ratio ${comparison.ratio.toFixed(2)}, goal ${verdictOf(comparison)}`);
  return comparison;
}

function summarize(
  about: Pick<Comparison, 'id' | 'work' | 'limitedBy' | 'unit' | 'goal'>,
  rounds: readonly { limit: Measured; service: Measured }[],
): Comparison {
  const limits = rounds.map(({ limit }) => limit);
  const services = rounds.map(({ service }) => service);
  const latencies = known(services, ({ latency }) => latency);
  const cpuMicroseconds = known(services, (one) => one.cpuMicroseconds);
  const cpuSeconds = known(services, (one) => one.cpuSeconds);
  const peaks = known(services, ({ peakMib }) => peakMib);
  const generatorLoads = known(limits, ({ generatorLoad }) => generatorLoad);
  const dropped = known(services, (one) => one.dropped);
  return {
    ...about,
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
    ...(cpuSeconds.length > 0 && { cpuSeconds: median(cpuSeconds) }),
    ...(peaks.length > 0 && { peakMib: Math.max(...peaks) }),
    ...(generatorLoads.length > 0 && { generatorLoadAtLimit: median(generatorLoads) }),
    ...(dropped.length > 0 && { dropped: dropped.reduce((sum, one) => sum + one, 0) }),
    perRound: rounds,
  };
}

function known<T>(of: readonly Measured[], pick: (one: Measured) => T | undefined): T[] {
  return of.map(pick).filter((value) => value !== undefined);
}

function cpuEach({ cpuMicroseconds }: Measured): string {
  return cpuMicroseconds === undefined ? '' : `, ${format(cpuMicroseconds)} µs of CPU each`;
}

/** Three digits that matter. */
export function format(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: value >= 1000 ? 5 : 3 });
}
