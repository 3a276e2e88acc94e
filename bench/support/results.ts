import { median } from './statistics.js';

/** The figures of one round, for the limit or the service; `value` is in the comparison's unit. */
export interface Measurement {
  readonly value: number;
  readonly latency?: { readonly p50Ms: number; readonly p99Ms: number };
  /** CPU time per request or event; it varies less than the rate on a shared machine. */
  readonly cpuMicroseconds?: number;
  /** CPU time of the whole round, including the work after its last response. */
  readonly cpuSeconds?: number;
  readonly peakMib?: number;
  /** CPU time of the load generator, as a share of one core. */
  readonly generatorLoad?: number;
  /** Heartbeat events that the service did not publish. */
  readonly dropped?: number;
}

/** One kind of work compared with its limit; both are measured alternately. */
export interface Comparison {
  readonly id: string;
  readonly work: string;
  readonly limitedBy: string;
  readonly unit: string;
  /** One figure per round. */
  readonly limit: readonly number[];
  readonly service: readonly number[];
  /** Service / limit, median of the rounds. */
  readonly ratio: number;
  readonly goal?: Goal;
  /** Figures of the service: medians of the rounds, except for the peak, which is the highest. */
  readonly latency?: { readonly p50Ms: number; readonly p99Ms: number };
  readonly cpuMicroseconds?: number;
  /** CPU time of the limit's process for one request or event, median of the rounds. */
  readonly limitCpuMicroseconds?: number;
  readonly cpuSeconds?: number;
  readonly peakMib?: number;
  /** CPU time of the load generator in the limit's rounds, as a share of one core. */
  readonly generatorLoadAtLimit?: number;
  /** Heartbeat events dropped in all rounds of the service. */
  readonly dropped?: number;
  /** All measurements by round. */
  readonly perRound?: readonly { readonly limit: Measurement; readonly service: Measurement }[];
}

/** The limit of the request comparisons, as the tables name it. */
export const EMPTY_ROUTE_LABEL = 'a Fastify route that does nothing, the same requests';

/** Goals for the ratio, for the service's own figure in its unit, or for its CPU time; all of them must be met. */
export interface Goal {
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly valueAtMost?: number;
  readonly cpuMicrosecondsAtMost?: number;
}

export interface GrowthPoint {
  /** The size of the data, in millions. */
  readonly millions: number;
  /** Median of the rounds. */
  readonly value: number;
  readonly rounds?: readonly number[];
  /** Figures of a limit that does not grow, and the median of value / limit. */
  readonly limit?: readonly number[];
  readonly ratio?: number;
}

export interface Growth {
  readonly what: string;
  readonly unit: string;
  readonly points: readonly GrowthPoint[];
  readonly goal: string;
  readonly met: boolean;
  /** A figure that the verdict does not show. */
  readonly remark?: string;
}

export interface Memory {
  readonly redisBytesOfMillionUsers?: number;
  /** Memory of the service under mixed load. */
  readonly soak?: {
    readonly seconds: number;
    readonly firstMib: number;
    readonly lastMib: number;
    readonly peakMib: number;
    readonly requests: number;
    /** Requests answered with 503: overload, or PostgreSQL or Redis too slow; clients retry them. */
    readonly refused?: number;
    readonly dropped: number;
    readonly goal: string;
    readonly met: boolean;
  };
}

/** Storage in PostgreSQL, indexes included. */
export interface Storage {
  readonly bytesPerEvent: number;
  /** Bytes per active of a day, with its province and city. */
  readonly bytesPerActive: number;
}

export interface Results {
  readonly startedAt: string;
  readonly seconds: number;
  readonly isQuick: boolean;
  readonly rounds: number;
  readonly secondsOfARound?: number;
  /** The requested parts; failed ones are in `failures`. */
  readonly parts?: readonly string[];
  readonly replicas: number;
  /** The measured commit; absent without git. */
  readonly commit?: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGib: number;
    readonly platform: string;
  };
  readonly versions: Readonly<Record<string, string>>;
  /** PostgreSQL settings by name. */
  readonly durability?: Readonly<Record<string, string>>;
  /** Parts without a result. */
  readonly failures?: readonly { readonly part: string; readonly reason: string }[];
  readonly comparisons: readonly Comparison[];
  readonly growth: readonly Growth[];
  readonly memory: Memory;
  readonly storage: Storage | null;
}

type Judged = Pick<Comparison, 'ratio' | 'goal' | 'service' | 'unit' | 'cpuMicroseconds'>;

/** Judges by the bounds that the goal has. A ratio of differences may be negative. */
export function isMet({ ratio, service, cpuMicroseconds = NaN, goal = {} }: Judged): boolean {
  const { atLeast = -Infinity, atMost = Infinity, valueAtMost, cpuMicrosecondsAtMost } = goal;
  return (
    ratio >= atLeast &&
    ratio <= atMost &&
    (valueAtMost === undefined || median(service) <= valueAtMost) &&
    (cpuMicrosecondsAtMost === undefined || cpuMicroseconds <= cpuMicrosecondsAtMost)
  );
}

export function goalText({ goal, unit }: Pick<Comparison, 'goal' | 'unit'>): string {
  if (goal === undefined) return '–';
  const { atLeast, atMost, valueAtMost, cpuMicrosecondsAtMost } = goal;
  return [
    ...(atLeast === undefined ? [] : [`≥ ${atLeast}`]),
    ...(atMost === undefined ? [] : [`≤ ${atMost}`]),
    ...(valueAtMost === undefined ? [] : [`≤ ${valueAtMost} ${unit}`]),
    ...(cpuMicrosecondsAtMost === undefined ? [] : [`≤ ${cpuMicrosecondsAtMost} µs`]),
  ].join(', ');
}

export function verdict(goal: string, met: boolean): string {
  return `${goal}: ${met ? 'met' : 'not met'}`;
}

export function verdictOf(comparison: Judged): string {
  const text = goalText(comparison);
  return comparison.goal === undefined ? text : verdict(text, isMet(comparison));
}
