import { Injectable } from '@nestjs/common';
import {
  MAX_LISTED_USERS,
  type IPresenceRepository,
  type ReachableCount,
} from '../../domain/repositories/presence.repository.interface.js';
import { NO_TRACER, type ITracer } from '../../application/ports/tracer.port.js';
import { latestTimestamp, TimeWindow } from '../../domain/value-objects/time-window.vo.js';
import { StoreClock } from '../system/store-clock.js';
import { GroupedCalls } from './grouped-calls.js';
import { presenceKeys, shardNumber } from './presence-keys.js';
import { runAsOneSpan } from './one-span.js';
import { RedisService } from './redis.service.js';

/** Limits how many users one command removes: Redis runs nothing else meanwhile. */
const REMOVE_SLICE = 10_000;
/** Limits the heartbeats of one command, for the same reason. */
const MAX_HEARTBEATS = 1000;
/** Limits the shards that are cleaned up at once, so that heartbeats find gaps between the removals. */
const CLEANED_AT_ONCE = 4;
/** Interval at which this process prolongs a shard that it writes; far below the time for which one is stored. */
const PROLONG_INTERVAL_MS = 60_000;

interface Heartbeat {
  readonly userId: bigint;
  readonly seconds: number;
}

/** The bounds of a count: strictly later than the first, and not later than the second. */
type CountRange = readonly [thresholdSeconds: number, untilSeconds: number];

interface Shard {
  readonly key: string;
  /** Groups the heartbeats of this shard only: a failing shard does not affect the users of the others. */
  readonly heartbeats: GroupedCalls<Heartbeat, void>;
  /** When this process last prolonged the shard, and over which connection. */
  prolonged: { readonly atMs: number; readonly connection: number } | null;
}

/** Online users of each shard, by the name of the range; a shard that does not answer has its error instead. */
type ShardCounts = Map<string, readonly PromiseSettledResult<number>[]>;

/** Holds the values of the shards that answered, and the error of the first one that did not. */
interface Outcome {
  readonly values: readonly number[];
  readonly error: Error | null;
}

/**
 * Sorted sets of user ids, scored by the Unix second of the last heartbeat. Users are spread by a hash of their id
 * over the shards, and these evenly over the nodes of a cluster. A set that nobody writes any more expires.
 */
@Injectable()
export class PresenceRedisRepository implements IPresenceRepository {
  private readonly shards: readonly Shard[];
  private readonly counts = new GroupedCalls((ranges: readonly CountRange[]) => this.countAll(ranges));

  /** @param clock decides what lies in the future, once it has measured the time of a store */
  constructor(
    private readonly redis: RedisService,
    shardCount: number,
    private readonly clock: Pick<StoreClock, 'isMeasured' | 'now'> = new StoreClock([]),
    private readonly tracer: ITracer = NO_TRACER,
  ) {
    this.shards = presenceKeys(shardCount).map((key) => {
      const shard: Shard = {
        key,
        heartbeats: new GroupedCalls((heartbeats) => this.write(shard, heartbeats)),
        prolonged: null,
      };
      return shard;
    });
  }

  updateUserPresence(userId: bigint, timestampSeconds: number): Promise<void> {
    const store = (): Promise<void> => this.store(userId, timestampSeconds);
    // One command stores the heartbeats of many requests; each request has a span of its own wait.
    return this.tracer.isRecording ? this.tracer.run('store heartbeat', { kind: 'client' }, store) : store();
  }

  updateUsersPresence(userIds: readonly bigint[], timestampSeconds: number): Promise<void> {
    const users = new Set(userIds);
    const store = async (): Promise<void> => {
      // The commands of all shards are written in one turn of the event loop, and so in one packet to each node.
      const writes = new Set<Promise<void>>();
      for (const userId of users) writes.add(this.store(userId, timestampSeconds));
      await Promise.all(writes);
    };
    return runAsOneSpan(this.tracer, 'store heartbeats', { 'analytics.heartbeats': users.size }, store);
  }

  async countOnlineUsers(thresholdSeconds: number, untilSeconds = Infinity): Promise<number> {
    const { values, error } = await this.countShards([thresholdSeconds, untilSeconds]);
    if (error !== null) throw error;
    return sumOf(values);
  }

  async countReachableUsers(thresholdSeconds: number, untilSeconds = Infinity): Promise<ReachableCount> {
    const { values, error } = await this.countShards([thresholdSeconds, untilSeconds]);
    if (error !== null && values.length === 0) throw error;
    return { count: sumOf(values), coverage: values.length / this.shards.length };
  }

  async getOnlineUsers(
    thresholdSeconds: number,
    limit = MAX_LISTED_USERS,
    untilSeconds = Infinity,
  ): Promise<bigint[]> {
    const count = Math.min(limit, MAX_LISTED_USERS);
    if (count < 1) return [];
    const pages = await Promise.all(
      this.shards.map(({ key }) => this.listShard(key, [thresholdSeconds, untilSeconds], count)),
    );
    return pages
      .flat()
      .sort((a, b) => a.seconds - b.seconds)
      .slice(0, count)
      .map(({ userId }) => userId);
  }

  async removeExpiredUsers(thresholdSeconds: number): Promise<number> {
    return this.cleanUp(async (key) => {
      let removed = 0;
      let slice: number;
      do {
        slice = await this.removeSlice(key, thresholdSeconds);
        removed += slice;
      } while (slice > 0);
      return removed;
    });
  }

  async removeFutureUsers(untilSeconds: number): Promise<number> {
    if (!this.clock.isMeasured) return 0;
    return this.cleanUp(async (key) => {
      if ((await this.redis.zcount(key, `(${untilSeconds}`, '+inf')) === 0) return 0;
      // The first command may have waited for Redis, while other replicas wrote newer heartbeats.
      const until = Math.max(untilSeconds, latestTimestamp(this.clock.now()));
      return this.redis.zremrangebyscore(key, `(${until}`, '+inf');
    });
  }

  async removeUser(userId: bigint): Promise<boolean> {
    return (await this.redis.zrem(this.shardOf(userId).key, userId.toString())) > 0;
  }

  async getUserLastHeartbeat(userId: bigint): Promise<number | null> {
    const score = await this.redis.zscore(this.shardOf(userId).key, userId.toString());
    return score === null ? null : Number(score);
  }

  private store(userId: bigint, seconds: number): Promise<void> {
    return this.shardOf(userId).heartbeats.call({ userId, seconds });
  }

  private async write(shard: Shard, heartbeats: readonly Heartbeat[]): Promise<void> {
    const commands: Promise<unknown>[] = [];
    for (let from = 0; from < heartbeats.length; from += MAX_HEARTBEATS) {
      commands.push(this.raise(shard.key, heartbeats.slice(from, from + MAX_HEARTBEATS)));
    }
    if (this.isDueToProlong(shard)) commands.push(this.prolong(shard));
    await Promise.all(commands);
  }

  private async raise(key: string, heartbeats: readonly Heartbeat[]): Promise<void> {
    // GT keeps the newer heartbeat when an older one arrives late; CH counts those that were not ignored.
    const raised = await this.redis.zadd(key, 'GT', 'CH', ...toPairs(heartbeats));
    if (raised < heartbeats.length && this.clock.isMeasured) await this.replaceFuture(key, heartbeats);
  }

  private isDueToProlong({ prolonged }: Shard): boolean {
    // A new connection may lead to a Redis without the key, whose next heartbeat makes one without an expiry.
    if (prolonged?.connection !== this.redis.connections) return true;
    return performance.now() - prolonged.atMs >= PROLONG_INTERVAL_MS;
  }

  private async prolong(shard: Shard): Promise<void> {
    const prolonged = { atMs: performance.now(), connection: this.redis.connections };
    shard.prolonged = prolonged;
    try {
      await this.redis.expire(shard.key, TimeWindow.KEPT_SECONDS);
    } catch (error) {
      if (shard.prolonged === prolonged) shard.prolonged = null;
      throw error;
    }
  }

  /** Replaces entries that lie in the future, for which GT has ignored the true heartbeat. */
  private async replaceFuture(key: string, heartbeats: readonly Heartbeat[]): Promise<void> {
    const scores = await this.redis.run((client) =>
      client.zmscore(key, ...heartbeats.map(({ userId }) => userId.toString())),
    );
    // Judged by the time after the answer: whatever is written by then is no later, unless a clock ran ahead.
    const latest = latestTimestamp(this.clock.now());
    const ignored = heartbeats.filter((_, index) => Number(scores[index] ?? 0) > latest);
    if (ignored.length > 0) await this.redis.zadd(key, ...toPairs(ignored));
  }

  private async countShards(range: CountRange): Promise<Outcome> {
    const results = await this.counts.call(range);
    return outcomeOf(results.get(String(range)) ?? []);
  }

  /** Counts once for each distinct range. */
  private countAll(ranges: readonly CountRange[]): Promise<ShardCounts> {
    const distinct = new Map(ranges.map((range) => [String(range), range]));
    const count = async (): Promise<ShardCounts> =>
      new Map(
        await Promise.all(
          [...distinct].map(async ([name, range]) => {
            const counting = this.shards.map(({ key }) => this.redis.zcount(key, ...toScores(range)));
            return [name, await Promise.allSettled(counting)] as const;
          }),
        ),
      );
    return runAsOneSpan(this.tracer, 'redis zcount', { 'analytics.shards': this.shards.length }, count);
  }

  /** Runs the work on every shard, a few at once. @throws the first error, after the other shards have been cleaned */
  private cleanUp(work: (key: string) => Promise<number>): Promise<number> {
    const shards = { 'analytics.shards': this.shards.length };
    return runAsOneSpan(this.tracer, 'clean up presence', shards, () => this.cleanUpShards(work));
  }

  private async cleanUpShards(work: (key: string) => Promise<number>): Promise<number> {
    const results: PromiseSettledResult<number>[] = [];
    for (let from = 0; from < this.shards.length; from += CLEANED_AT_ONCE) {
      const shards = this.shards.slice(from, from + CLEANED_AT_ONCE);
      results.push(...(await Promise.allSettled(shards.map(({ key }) => work(key)))));
    }
    const { values, error } = outcomeOf(results);
    if (error !== null) throw error;
    return sumOf(values);
  }

  private async listShard(key: string, range: CountRange, count: number): Promise<Heartbeat[]> {
    const entries = await this.redis.zrangebyscore(key, ...toScores(range), 'WITHSCORES', 'LIMIT', 0, count);
    return Array.from({ length: entries.length / 2 }, (_, i) => ({
      userId: BigInt(entries[2 * i] as string),
      seconds: Number(entries[2 * i + 1]),
    }));
  }

  private async removeSlice(key: string, thresholdSeconds: number): Promise<number> {
    const users = await this.redis.zrangebyscore(key, '-inf', thresholdSeconds, 'LIMIT', 0, REMOVE_SLICE);
    const lastUser = users.at(-1);
    if (lastUser === undefined) return 0;
    const lastScore = Number(await this.redis.zscore(key, lastUser));
    if (Number.isNaN(lastScore)) return 0;
    // Removal by score spares a user whose heartbeat arrived after the look-up.
    return this.redis.zremrangebyscore(key, '-inf', Math.min(lastScore, thresholdSeconds));
  }

  private shardOf(userId: bigint): Shard {
    return this.shards[shardNumber(userId, this.shards.length)] as Shard;
  }
}

function outcomeOf(results: readonly PromiseSettledResult<number>[]): Outcome {
  const failed = results.find((result) => result.status === 'rejected');
  return {
    values: results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
    error: failed === undefined ? null : (failed.reason as Error),
  };
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function toPairs(heartbeats: readonly Heartbeat[]): (number | string)[] {
  return heartbeats.flatMap(({ userId, seconds }) => [seconds, userId.toString()]);
}

function toScores([thresholdSeconds, untilSeconds]: CountRange): [min: string, max: number | string] {
  return [`(${thresholdSeconds}`, untilSeconds === Infinity ? '+inf' : untilSeconds];
}
