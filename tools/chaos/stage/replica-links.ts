import type { Link } from '../proxy/link.js';
import type { StoreLink } from './store-link.js';

/** The part of a store that a replica connects to. */
export interface LinkedStore {
  openLink(): Promise<StoreLink>;
}

/** The links of one replica to its stores. */
export class ReplicaLinks {
  private constructor(private readonly opened: Readonly<Record<'postgres' | 'redis' | 'kafka', StoreLink>>) {}

  static async open(
    stores: Readonly<Record<'postgres' | 'redis' | 'kafka', LinkedStore>>,
  ): Promise<ReplicaLinks> {
    return new ReplicaLinks({
      postgres: await stores.postgres.openLink(),
      redis: await stores.redis.openLink(),
      kafka: await stores.kafka.openLink(),
    });
  }

  get postgres(): Link {
    return this.opened.postgres.link;
  }

  get redis(): Link {
    return this.opened.redis.link;
  }

  get kafka(): Link {
    return this.opened.kafka.link;
  }

  /** Returns the settings that lead a replica through these links. */
  get settings(): Record<string, string> {
    return Object.assign({}, ...Object.values(this.opened).map(({ settings }) => settings)) as Record<
      string,
      string
    >;
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.opened).map((link) => link.stop()));
  }
}
