import { Injectable } from '@nestjs/common';
import type { IPresenceRepository } from '../../domain/repositories/presence.repository.interface.js';
import { GroupedCalls } from './grouped-calls.js';
import { RedisService } from './redis.service.js';

const ONLINE_USERS_KEY = 'presence:online_users';
/** One command blocks Redis for as long as it takes: expired users are removed in slices. */
const REMOVE_SLICE = 10_000;
/** Heartbeats in one command, so that it stays short for the same reason. */
const MAX_HEARTBEATS = 1000;

interface Heartbeat {
  readonly userId: bigint;
  readonly seconds: number;
}

interface Shard {
  readonly key: string;
  /** Of one shard, so that the users of the others do not wait for it, nor fail with it. */
  readonly heartbeats: GroupedCalls<Heartbeat, void>;
}

/**
 * A ZSET of user ids scored by the Unix second of their last heartbeat. With more than one shard the users are spread
 * over `presence:online_users:{0}` … by id, so that a Redis Cluster can spread them over its nodes.
 *
 * The key needs no expiry: the hourly job removes whoever has not been heard of for a day.
 *
 * Heartbeats that come in while others are being written share the next commands, and so do questions for the count.
 */
@Injectable()
export class PresenceRedisRepository implements IPresenceRepository {
  private readonly shards: readonly Shard[];
  private readonly counts = new GroupedCalls((thresholds: readonly number[]) => this.count(thresholds));

  constructor(
    private readonly redis: RedisService,
    shards: number,
  ) {
    const keys =
      shards === 1
        ? [ONLINE_USERS_KEY]
        : Array.from({ length: shards }, (_, i) => `${ONLINE_USERS_KEY}:{${i}}`);
    this.shards = keys.map((key) => ({
      key,
      heartbeats: new GroupedCalls((beats) => this.write(key, beats)),
    }));
  }

  updateUserPresence(userId: bigint, timestampSeconds: number): Promise<void> {
    return this.shardOf(userId).heartbeats.call({ userId, seconds: timestampSeconds });
  }

  async countOnlineUsers(thresholdSeconds: number): Promise<number> {
    const counts = await this.counts.call(thresholdSeconds);
    return counts.get(thresholdSeconds) as number;
  }

  async removeExpiredUsers(thresholdSeconds: number): Promise<number> {
    let removed = 0;
    for (const { key } of this.shards) {
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
    const score = await this.redis.run((client) =>
      client.zscore(this.shardOf(userId).key, userId.toString()),
    );
    return score === null ? null : Number(score);
  }

  private async write(key: string, beats: readonly Heartbeat[]): Promise<void> {
    await this.redis.run((client) => {
      const written: Promise<unknown>[] = [];
      for (let from = 0; from < beats.length; from += MAX_HEARTBEATS) {
        const entries = beats
          .slice(from, from + MAX_HEARTBEATS)
          .flatMap(({ userId, seconds }) => [seconds, userId.toString()]);
        // GT: a late heartbeat, or a replica whose clock is behind, never moves a user back.
        written.push(client.zadd(key, 'GT', ...entries));
      }
      return Promise.all(written);
    });
  }

  /** All who ask for a count with one threshold share it. */
  private async count(thresholds: readonly number[]): Promise<Map<number, number>> {
    return new Map(
      await Promise.all(
        [...new Set(thresholds)].map(async (threshold) => {
          const counts = await this.redis.run((client) =>
            Promise.all(this.shards.map(({ key }) => client.zcount(key, `(${threshold}`, '+inf'))),
          );
          return [threshold, counts.reduce((sum, count) => sum + count, 0)] as const;
        }),
      ),
    );
  }

  private shardOf(userId: bigint): Shard {
    return this.shards[Number(userId % BigInt(this.shards.length))] as Shard;
  }
}
