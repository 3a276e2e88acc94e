import { assemble, type Parts } from '../../../test/support/parts.js';
import type { Link } from '../proxy/link.js';
import type { StoreLink } from './store-link.js';

/** The part of a store that a replica connects to. */
export interface LinkedStore {
  openLink(): Promise<StoreLink>;
}

/** The links of one replica to its stores. */
export class ReplicaLinks {
  private constructor(
    private readonly opened: Readonly<Record<'postgres' | 'redis' | 'kafka', StoreLink>>,
    private readonly parts: Parts,
  ) {}

  static open(stores: Readonly<Record<'postgres' | 'redis' | 'kafka', LinkedStore>>): Promise<ReplicaLinks> {
    return assemble(async (parts) => {
      const openLink = (store: LinkedStore): Promise<StoreLink> =>
        parts.add(store.openLink(), (link) => link.stop());
      const opened = {
        postgres: await openLink(stores.postgres),
        redis: await openLink(stores.redis),
        kafka: await openLink(stores.kafka),
      };
      return new ReplicaLinks(opened, parts);
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
    await this.parts.stop();
  }
}
