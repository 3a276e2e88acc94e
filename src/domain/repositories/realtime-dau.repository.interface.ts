import type { DateKey } from '../../shared/utils/timezone.util.js';

/** Live DAU: one HyperLogLog for each Asia/Shanghai day of event time. A repeated identity changes nothing. */
export interface IRealtimeDauRepository {
  /** Rises with each new connection to the store, after which it may hold less than before; constant in process. */
  readonly connection: number;

  /** @throws ApplicationException `redis_unavailable` */
  add(day: DateKey, identities: readonly string[]): Promise<void>;

  /** @throws ApplicationException `redis_unavailable` */
  count(day: DateKey): Promise<number>;
}

export const REALTIME_DAU_REPOSITORY = Symbol('IRealtimeDauRepository');
