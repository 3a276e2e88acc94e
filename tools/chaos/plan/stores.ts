import { UsageError } from '../../../src/cli/support/usage-error.js';
import { Random } from '../../simulation/planning/random.js';

/** The variants of the stores; without any, PostgreSQL, Redis and Kafka's stand-in are one server each. */
export const STORES = {
  standby: 'commits of PostgreSQL wait for a synchronous standby',
  pgbouncer: 'replicas reach PostgreSQL through PgBouncer',
  cluster: 'Redis Cluster of three masters and three replicas',
  kafka: 'three brokers of Apache Kafka',
  disk: 'the data of PostgreSQL are on a file system that can be full',
  release: 'replicas begin as the last release (the last tag, or the state of a day before)',
} as const;

export type Store = keyof typeof STORES;

export const ALL_STORES = Object.keys(STORES) as Store[];
const NONE = 'single';

/** Variants that a seed chooses; the last release has to be built first, so `--stores` alone names it. */
export const SEEDED_STORES = ALL_STORES.filter((store) => store !== 'release');

/** Chooses the variants of a seed: each one in about half of the seeds. */
export function storesOf(seed: string): Store[] {
  const random = Random.from(seed, 'stores');
  return SEEDED_STORES.filter(() => random.chance(0.5));
}

/** Chooses how many replicas a seed has: three in a third of the seeds, otherwise two. */
export function replicasOf(seed: string): number {
  return Random.from(seed, 'replicas').chance(1 / 3) ? 3 : 2;
}

/**
 * Reads `--stores`: variants separated by commas, or `single` for none.
 *
 * @throws UsageError for a name that is no variant
 */
export function readStores(text: string): Store[] {
  const names = text.split(',').map((name) => name.trim());
  for (const name of names)
    if (name !== NONE && !ALL_STORES.includes(name as Store))
      throw new UsageError(
        `--stores must be of ${ALL_STORES.join(', ')}, or ${NONE}, it has "${name}": correct it`,
      );
  return ALL_STORES.filter((store) => names.includes(store));
}

/** Writes variants as `--stores` reads them. */
export function describeStores(stores: readonly Store[]): string {
  return stores.length === 0 ? NONE : stores.join(',');
}
