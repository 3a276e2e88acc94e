import { Injectable } from '@nestjs/common';
import type { IPresenceRepository } from '../../domain/repositories/presence.repository.interface.js';
import { RedisService } from './redis.service.js';

const ONLINE_USERS_KEY = 'presence:online_users';
/** One command blocks Redis for as long as it takes: expired users are removed in slices. */
const REMOVE_SLICE = 10_000;

/**
 * A ZSET of user ids scored by the Unix second of their last heartbeat. With more than one shard the users are spread
 * over `presence:online_users:{0}` … by id, so that a Redis Cluster can spread them over its nodes.
 *
 * The key needs no expiry: the hourly job removes whoever has not been heard of for a day.
 */
@Injectable()
export class PresenceRedisRepository implements IPresenceRepository {
  private readonly keys: readonly string[];

  constructor(
    private readonly redis: RedisService,
    shards: number,
  ) {
    this.keys =
      shards === 1
        ? [ONLINE_USERS_KEY]
        : Array.from({ length: shards }, (_, i) => `${ONLINE_USERS_KEY}:{${i}}`);
  }

  async updateUserPresence(userId: bigint, timestampSeconds: number): Promise<void> {
    // GT: a late heartbeat, or a replica whose clock is behind, never moves a user back.
    await this.redis.run((client) =>
      client.zadd(this.keyOf(userId), 'GT', timestampSeconds, userId.toString()),
    );
  }

  async countOnlineUsers(thresholdSeconds: number): Promise<number> {
    const counts = await this.redis.run((client) =>
      Promise.all(this.keys.map((key) => client.zcount(key, `(${thresholdSeconds}`, '+inf'))),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async removeExpiredUsers(thresholdSeconds: number): Promise<number> {
    let removed = 0;
    for (const key of this.keys) {
      let slice: number;
      do {
        slice = await this.redis.run(async (client) => {
          const users = await client.zrangebyscore(key, '-inf', thresholdSeconds, 'LIMIT', 0, REMOVE_SLICE);
          if (users.length === 0) return 0;
          // By score and not by name: whoever has been heard of since the look is no longer in the range.
          const last = Number(await client.zscore(key, users.at(-1) as string));
          return Number.isNaN(last)
            ? 0
            : client.zremrangebyscore(key, '-inf', Math.min(last, thresholdSeconds));
        });
        removed += slice;
      } while (slice > 0);
    }
    return removed;
  }

  async getUserLastHeartbeat(userId: bigint): Promise<number | null> {
    const score = await this.redis.run((client) => client.zscore(this.keyOf(userId), userId.toString()));
    return score === null ? null : Number(score);
  }

  private keyOf(userId: bigint): string {
    return this.keys[Number(userId % BigInt(this.keys.length))] as string;
  }
}
