import { IDENTITY_BUCKETS } from '../../../src/infrastructure/persistence/actives/identity-buckets.js';
import { BUCKETS, bucketOf } from '../../../src/infrastructure/persistence/citus/buckets.js';

/** Marks the databases whose tables have buckets, so that every process knows by the URL which adapters fit. */
const DISTRIBUTED = 'analytics_test_distributed_';
const PLAIN = 'analytics_test_';
const PLAIN_LANES = [0, 1, 2, 3, 4, 5, 6, 7];

/** Returns a name for a test database by which {@link isDistributed} recognises it. */
export function databaseName(unique: string, { distributed }: { readonly distributed: boolean }): string {
  return `${distributed ? DISTRIBUTED : PLAIN}${unique}`;
}

/** Tells whether the tables of the database have buckets: on a Citus cluster, or in the same shape on one server. */
export function isDistributed(url: string): boolean {
  // A URL may name several hosts, which URL does not read.
  return url.includes(`/${DISTRIBUTED}`);
}

/** Returns the lanes of the outbox. */
export function lanesOf(url: string): readonly number[] {
  return isDistributed(url) ? BUCKETS : PLAIN_LANES;
}

/** Returns the buckets of the dictionary. */
export function bucketsOf(url: string): readonly number[] {
  return isDistributed(url) ? BUCKETS : IDENTITY_BUCKETS;
}

/** Returns users whose events go into one flush, also where the tables have buckets. */
export function usersOfOneBucket(count: number, from = 1): string[] {
  const users: string[] = [];
  for (let user = from; users.length < count; user++)
    if (bucketOf(`u:${user}`) === bucketOf(`u:${from}`)) users.push(String(user));
  return users;
}

/** Returns the settings by which the service finds the database and the adapters for it. */
export function databaseSettings({ serviceUrl }: { readonly serviceUrl: string }): Record<string, string> {
  return { DATABASE_URL: serviceUrl, ...(isDistributed(serviceUrl) && { CITUS: 'true' }) };
}
