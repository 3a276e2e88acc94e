import type { ClusterOperations, RedisStore } from '../stage/redis-store.js';
import { NOTHING_TO_HEAL, repeat, type FaultAction } from './fault-action.js';

const AGAIN_AFTER_MS = 150;

/** Faults of Redis. */
export const REDIS_FAULTS = {
  'redis.crash': async ({ stage: { redis } }) => {
    await redis.kill();
    return () => redis.startAgain();
  },
  'redis.stop': async ({ stage: { redis } }) => {
    await redis.shutDown();
    return () => redis.startAgain();
  },
  'redis.freeze': async ({ stage: { redis } }) => {
    await redis.freeze();
    return async () => {
      redis.resume();
    };
  },
  'redis.empty': async ({ stage: { redis } }) => {
    await redis.command(['FLUSHALL']);
    return NOTHING_TO_HEAL;
  },
  'redis.full': async ({ stage: { redis } }) => {
    await redis.command(['CONFIG', 'SET', 'maxmemory-policy', 'noeviction', 'maxmemory', '1']);
    return () => redis.command(['CONFIG', 'SET', 'maxmemory', '0']);
  },
  // A replica whose primary is gone: it keeps its data and refuses writes.
  'redis.read-only': async ({ stage: { redis } }) => {
    await redis.command(['REPLICAOF', '127.0.0.1', '1']);
    return () => redis.command(['REPLICAOF', 'NO', 'ONE']);
  },
  // It ends by itself: a paused server would not obey an UNPAUSE either.
  'redis.pause': async ({ stage: { redis }, durationMs }) => {
    await redis.command(['CLIENT', 'PAUSE', String(durationMs), 'ALL']);
    return NOTHING_TO_HEAL;
  },
  'redis.drop-clients': async ({ stage: { redis } }) =>
    repeat(AGAIN_AFTER_MS, () => redis.command(['CLIENT', 'KILL', 'TYPE', 'normal'])),
  'redis.reshard': async ({ stage: { redis } }) => {
    const [cluster, stop] = [clusterOf(redis), new AbortController()];
    const moved = cluster.reshard(stop.signal);
    // A failure is reported by the heal.
    moved.catch(() => undefined);
    return async () => {
      stop.abort();
      await moved;
    };
  },
  'redis.failover': async ({ stage: { redis } }) => {
    await clusterOf(redis).failOver();
    return NOTHING_TO_HEAL;
  },
} as const satisfies Record<string, FaultAction>;

function clusterOf({ cluster }: RedisStore): ClusterOperations {
  if (cluster === undefined) throw new Error('Redis is one server');
  return cluster;
}
