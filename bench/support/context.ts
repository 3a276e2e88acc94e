import type { Service } from '../../test/support/service.js';
import type { BenchServers } from './bench-servers.js';

/** The size of a run. The quick size only shows that every part works. */
export interface BenchScale {
  readonly rounds: number;
  readonly seconds: number;
  /** The events in the day that is rolled up; the growth part adds up to five times as many to the log. */
  readonly dayEvents: number;
  readonly onlineUsers: number;
  readonly soakSeconds: number;
  /** The days of history that a flush is measured with. */
  readonly partitionDays: number;
  /** The identities of a history of 34 days; eight days each on average. */
  readonly identities: number;
}

export interface BenchContext {
  readonly servers: BenchServers;
  /** One service process, or every replica. */
  readonly services: readonly Service[];
  /** The URL of the service, or of the load balancer in front of the replicas. */
  readonly serviceUrl: string;
  /** The URL of the empty route, or of the load balancer in front of one per replica. */
  readonly emptyRouteUrl: string;
  readonly scale: BenchScale;
}
