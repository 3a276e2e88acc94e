import type { Service } from '../../test/support/service.js';
import type { BenchServers } from './bench-servers.js';
import { isMet, type Comparison } from './results.js';
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
  readonly emptyRouteUrl: string;
  readonly extent: Extent;
}

export function say(text: string): void {
  console.log(text);
}

/** What a round of a comparison has measured; `value` in the comparison's unit. */
export interface Measured {
  readonly value: number;
  readonly latency?: { readonly p50Ms: number; readonly p99Ms: number };
  /** For one of what is counted. Steadier than the rate, where other programs want the machine, too. */
  readonly cpuMicroseconds?: number;
  readonly peakMib?: number;
  readonly generatorLoad?: number;
}

/** Limit and service by turns, so that a machine that slows down slows both down. */
export async function compare(
  context: BenchContext,
  about: Pick<Comparison, 'id' | 'work' | 'limitedBy' | 'unit' | 'goal'>,
  measure: { readonly limit: () => Promise<Measured>; readonly service: () => Promise<Measured> },
): Promise<Comparison> {
  say(`\n${about.work}`);
  const limits: Measured[] = [];
  const services: Measured[] = [];
  const ratios: number[] = [];
  for (let round = 1; round <= context.extent.rounds; round++) {
    const limit = await measure.limit();
    const service = await measure.service();
    limits.push(limit);
    services.push(service);
    ratios.push(service.value / limit.value);
    say(
      `  ${round}/${context.extent.rounds}  limit ${format(limit.value)}, service ${format(service.value)} ${about.unit}, ` +
        `ratio ${(service.value / limit.value).toFixed(2)}${cpuEach(service)}`,
    );
  }
  const ratio = median(ratios);
  const wanted = about.goal.atLeast === undefined ? `≤ ${about.goal.atMost}` : `≥ ${about.goal.atLeast}`;
  say(`  ratio ${ratio.toFixed(2)}, goal ${wanted}: ${isMet(ratio, about.goal) ? 'met' : 'not met'}`);
  const medianOf = (pick: (one: Measured) => number | undefined, of = services): number | undefined => {
    const values = of.map(pick).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : median(values);
  };
  const p50Ms = medianOf(({ latency }) => latency?.p50Ms);
  const p99Ms = medianOf(({ latency }) => latency?.p99Ms);
  const cpuMicroseconds = medianOf((one) => one.cpuMicroseconds);
  const generatorLoadAtLimit = medianOf((one) => one.generatorLoad, limits);
  const peaks = services.flatMap(({ peakMib }) => (peakMib === undefined ? [] : [peakMib]));
  return {
    ...about,
    limit: limits.map(({ value }) => value),
    service: services.map(({ value }) => value),
    ratio,
    ...(p50Ms !== undefined && p99Ms !== undefined && { latency: { p50Ms, p99Ms } }),
    ...(cpuMicroseconds !== undefined && { cpuMicroseconds }),
    ...(peaks.length > 0 && { peakMib: Math.max(...peaks) }),
    ...(generatorLoadAtLimit !== undefined && { generatorLoadAtLimit }),
  };
}

function cpuEach({ cpuMicroseconds }: Measured): string {
  return cpuMicroseconds === undefined ? '' : `, ${format(cpuMicroseconds)} µs of CPU each`;
}

/** Three digits that matter. */
export function format(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: value >= 1000 ? 5 : 3 });
}
