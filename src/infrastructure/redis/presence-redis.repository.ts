import { Injectable } from '@nestjs/common';
import {
  MAX_LISTED_USERS,
  type IPresenceRepository,
} from '../../domain/repositories/presence.repository.interface.js';
import { latestTimestamp } from '../../domain/value-objects/time-window.vo.js';
import { StoreClock } from '../system/store-clock.js';
import { GroupedCalls } from './grouped-calls.js';
import { RedisService } from './redis.service.js';

const ONLINE_USERS_KEY = 'presence:online_users';
/** Limits how many users one command removes: Redis runs nothing else meanwhile. */
const REMOVE_SLICE = 10_000;
/** Limits the heartbeats of one command, for the same reason. */
const MAX_HEARTBEATS = 1000;

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
}

/**
 * Sorted set of user ids, scored by the Unix second of the last heartbeat; the hourly job removes old entries.
 * With several shards, users are spread by id over `presence:online_users:{0}` …, and so over a cluster's nodes.
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
  ) {
    const keys =
      shardCount === 1
        ? [ONLINE_USERS_KEY]
        : Array.from({ length: shardCount }, (_, i) => `${ONLINE_USERS_KEY}:{${i}}`);
    this.shards = keys.map((key) => ({
      key,
      heartbeats: new GroupedCalls((heartbeats) => this.write(key, heartbeats)),
    }));
  }

  updateUserPresence(userId: bigint, timestampSeconds: number): Promise<void> {
    return this.shardOf(userId).heartbeats.call({ userId, seconds: timestampSeconds });
  }

  async countOnlineUsers(thresholdSeconds: number, untilSeconds = Infinity): Promise<number> {
    const range: CountRange = [thresholdSeconds, untilSeconds];
    const counts = await this.counts.call(range);
    return counts.get(String(range)) as number;
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
    let removed = 0;
    for (const { key } of this.shards) {
      let slice: number;
      do {
        slice = await this.removeSlice(key, thresholdSeconds);
        removed += slice;
      } while (slice > 0);
    }
    return removed;
  }

  async removeFutureUsers(untilSeconds: number): Promise<number> {
    if (!this.clock.isMeasured) return 0;
    let removed = 0;
    for (const { key } of this.shards) {
      if ((await this.redis.zcount(key, `(${untilSeconds}`, '+inf')) === 0) continue;
      // The first command may have waited for Redis, while other replicas wrote newer heartbeats.
      const until = Math.max(untilSeconds, latestTimestamp(this.clock.now()));
      removed += await this.redis.zremrangebyscore(key, `(${until}`, '+inf');
    }
    return removed;
  }

  async getUserLastHeartbeat(userId: bigint): Promise<number | null> {
    const score = await this.redis.zscore(this.shardOf(userId).key, userId.toString());
    return score === null ? null : Number(score);
  }

  private async write(key: string, heartbeats: readonly Heartbeat[]): Promise<void> {
    const commands: Promise<void>[] = [];
    for (let from = 0; from < heartbeats.length; from += MAX_HEARTBEATS) {
      commands.push(this.raise(key, heartbeats.slice(from, from + MAX_HEARTBEATS)));
    }
    await Promise.all(commands);
  }

  private async raise(key: string, heartbeats: readonly Heartbeat[]): Promise<void> {
    // GT keeps the newer heartbeat when an older one arrives late; CH counts those that were not ignored.
    const raised = await this.redis.zadd(key, 'GT', 'CH', ...toPairs(heartbeats));
    if (raised < heartbeats.length && this.clock.isMeasured) await this.replaceFuture(key, heartbeats);
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

  /** Counts once for each distinct range. */
  private async countAll(ranges: readonly CountRange[]): Promise<Map<string, number>> {
    const distinct = new Map(ranges.map((range) => [String(range), range]));
    return new Map(
      await Promise.all(
        [...distinct].map(async ([name, range]) => {
          const counts = await Promise.all(
            this.shards.map(({ key }) => this.redis.zcount(key, ...toScores(range))),
          );
          return [name, counts.reduce((sum, count) => sum + count, 0)] as const;
        }),
      ),
    );
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
    return this.shards[Number(userId % BigInt(this.shards.length))] as Shard;
  }
}

function toPairs(heartbeats: readonly Heartbeat[]): (number | string)[] {
  return heartbeats.flatMap(({ userId, seconds }) => [seconds, userId.toString()]);
}

function toScores([thresholdSeconds, untilSeconds]: CountRange): [min: string, max: number | string] {
  return [`(${thresholdSeconds}`, untilSeconds === Infinity ? '+inf' : untilSeconds];
}
