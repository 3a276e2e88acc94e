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
  readonly goal: Goal;
  readonly latency?: { readonly p50Ms: number; readonly p99Ms: number };
  /** CPU time of the service for one request, event or whatever the unit counts; median of the rounds. */
  readonly cpuMicroseconds?: number;
  readonly peakMib?: number;
  /** CPU that the generator of the load took during the limit's rounds, of one core. */
  readonly generatorLoadAtLimit?: number;
}

export interface Goal {
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Growth {
  readonly what: string;
  readonly unit: string;
  /** What grows, in millions. */
  readonly points: readonly { readonly millions: number; readonly value: number }[];
  readonly goal: string;
  readonly met: boolean;
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
  readonly replicas: number;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGib: number;
    readonly platform: string;
  };
  readonly versions: Readonly<Record<string, string>>;
  readonly comparisons: readonly Comparison[];
  readonly growth: readonly Growth[];
  readonly memory: Memory;
  readonly storage: Storage | null;
}

export function isMet(ratio: number, { atLeast = 0, atMost = Infinity }: Goal): boolean {
  return ratio >= atLeast && ratio <= atMost;
}
