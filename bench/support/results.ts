/** What a round has measured of the limit or of the service; `value` in the comparison's unit. */
export interface Measured {
  readonly value: number;
  readonly latency?: { readonly p50Ms: number; readonly p99Ms: number };
  /** For one of what is counted. Steadier than the rate, where other programs want the machine, too. */
  readonly cpuMicroseconds?: number;
  /** Of the whole round, with what was left to do after its last answer. */
  readonly cpuSeconds?: number;
  readonly peakMib?: number;
  /** CPU that the generator of the load took, of one core. */
  readonly generatorLoad?: number;
  /** Heartbeat events that the service did not publish. */
  readonly dropped?: number;
}

/** A piece of work beside its limit, measured alternately. */
export interface Comparison {
  readonly id: string;
  readonly work: string;
  readonly limitedBy: string;
  readonly unit: string;
  /** One figure a round. */
  readonly limit: readonly number[];
  readonly service: readonly number[];
  /** Service / limit, median of the rounds. */
  readonly ratio: number;
  readonly goal?: Goal;
  /** Of the service, medians of the rounds; the peak is the highest. */
  readonly latency?: { readonly p50Ms: number; readonly p99Ms: number };
  readonly cpuMicroseconds?: number;
  readonly cpuSeconds?: number;
  readonly peakMib?: number;
  /** CPU that the generator of the load took during the limit's rounds, of one core. */
  readonly generatorLoadAtLimit?: number;
  /** In all rounds of the service. */
  readonly dropped?: number;
  /** Everything that was measured, round by round. */
  readonly perRound?: readonly { readonly limit: Measured; readonly service: Measured }[];
}

/** What the comparisons of requests have as their limit. */
export const EMPTY_ROUTE = 'a Fastify route that does nothing, the same requests';

export interface Goal {
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface GrowthPoint {
  /** Of what grows. */
  readonly millions: number;
  /** Median of the rounds. */
  readonly value: number;
  readonly rounds?: readonly number[];
  /** Of something that does not grow, measured by turns with the value, and the median of value / limit. */
  readonly limit?: readonly number[];
  readonly ratio?: number;
}

export interface Growth {
  readonly what: string;
  readonly unit: string;
  readonly points: readonly GrowthPoint[];
  readonly goal: string;
  readonly met: boolean;
  /** What the verdict leaves out. */
  readonly remark?: string;
}

export interface Memory {
  readonly redisBytesOfMillionUsers?: number;
  /** Of the service under mixed load. */
  readonly soak?: {
    readonly seconds: number;
    readonly firstMib: number;
    readonly lastMib: number;
    readonly peakMib: number;
    readonly requests: number;
    /** With 503: too much at once, or PostgreSQL or Redis did not answer in time; clients send those again. */
    readonly refused?: number;
    readonly dropped: number;
    readonly goal: string;
    readonly met: boolean;
  };
}

/** In PostgreSQL, indexes included. */
export interface Storage {
  readonly bytesPerEvent: number;
  /** Of a day, with its province and its city. */
  readonly bytesPerActive: number;
}

export interface Results {
  readonly startedAt: string;
  readonly seconds: number;
  readonly isQuick: boolean;
  readonly rounds: number;
  readonly secondsOfARound?: number;
  /** What the run was asked for; those that failed are in `failures`. */
  readonly parts?: readonly string[];
  readonly replicas: number;
  /** Of what was measured; absent where there is no git. */
  readonly commit?: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGib: number;
    readonly platform: string;
  };
  readonly versions: Readonly<Record<string, string>>;
  /** PostgreSQL's settings of that name. */
  readonly durability?: Readonly<Record<string, string>>;
  /** Parts of the run that have no result, and why. */
  readonly failures?: readonly { readonly part: string; readonly reason: string }[];
  readonly comparisons: readonly Comparison[];
  readonly growth: readonly Growth[];
  readonly memory: Memory;
  readonly storage: Storage | null;
}

export function isMet(ratio: number, { atLeast = 0, atMost = Infinity }: Goal): boolean {
  return ratio >= atLeast && ratio <= atMost;
}

export function goalText(goal: Goal | undefined): string {
  if (goal === undefined) return '–';
  return goal.atMost === undefined ? `≥ ${goal.atLeast}` : `≤ ${goal.atMost}`;
}

export function verdict(goal: string, met: boolean): string {
  return `${goal}: ${met ? 'met' : 'not met'}`;
}

export function verdictOf({ ratio, goal }: Pick<Comparison, 'ratio' | 'goal'>): string {
  return goal === undefined ? goalText(goal) : verdict(goalText(goal), isMet(ratio, goal));
}
