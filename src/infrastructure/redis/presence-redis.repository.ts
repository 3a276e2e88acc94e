import { Injectable } from '@nestjs/common';
import {
  MAX_LISTED_USERS,
  type IPresenceRepository,
} from '../../domain/repositories/presence.repository.interface.js';
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
  private readonly counts = new GroupedCalls((thresholds: readonly number[]) => this.countAll(thresholds));

  constructor(
    private readonly redis: RedisService,
    shardCount: number,
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

  async countOnlineUsers(thresholdSeconds: number): Promise<number> {
    const counts = await this.counts.call(thresholdSeconds);
    return counts.get(thresholdSeconds) as number;
  }

  async getOnlineUsers(thresholdSeconds: number, limit = MAX_LISTED_USERS): Promise<bigint[]> {
    const count = Math.min(limit, MAX_LISTED_USERS);
    if (count < 1) return [];
    const pages = await Promise.all(
      this.shards.map(({ key }) => this.listShard(key, thresholdSeconds, count)),
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

  async getUserLastHeartbeat(userId: bigint): Promise<number | null> {
    const score = await this.redis.zscore(this.shardOf(userId).key, userId.toString());
    return score === null ? null : Number(score);
  }

  private async write(key: string, heartbeats: readonly Heartbeat[]): Promise<void> {
    const commands: Promise<number>[] = [];
    for (let from = 0; from < heartbeats.length; from += MAX_HEARTBEATS) {
      const pairs = heartbeats
        .slice(from, from + MAX_HEARTBEATS)
        .flatMap(({ userId, seconds }) => [seconds, userId.toString()]);
      // GT keeps the newer heartbeat when an older one arrives late or a replica's clock is behind.
      commands.push(this.redis.zadd(key, 'GT', ...pairs));
    }
    await Promise.all(commands);
  }

  /** Counts once for each distinct threshold. */
  private async countAll(thresholds: readonly number[]): Promise<Map<number, number>> {
    return new Map(
      await Promise.all(
        [...new Set(thresholds)].map(async (threshold) => {
          const counts = await Promise.all(
            this.shards.map(({ key }) => this.redis.zcount(key, `(${threshold}`, '+inf')),
          );
          return [threshold, counts.reduce((sum, count) => sum + count, 0)] as const;
        }),
      ),
    );
  }

  private async listShard(key: string, thresholdSeconds: number, count: number): Promise<Heartbeat[]> {
    const entries = await this.redis.zrangebyscore(
      key,
      `(${thresholdSeconds}`,
      '+inf',
      'WITHSCORES',
      'LIMIT',
      0,
      count,
    );
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
