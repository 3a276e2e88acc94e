import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { IPresenceRepository } from '../../domain/repositories/presence.repository.interface.js';
import { RedisService } from './redis.service.js';

const ONLINE_USERS_KEY = 'presence:online_users';
/** One command blocks Redis for as long as it takes: expired users are removed in slices. */
const REMOVE_SLICE = 10_000;
/** Heartbeats in one command, so that it stays short for the same reason. */
const MAX_HEARTBEATS = 1000;

interface HeartbeatBatch {
  /** Scores and members in turn, as the command takes them. */
  readonly entries: (number | string)[];
  readonly written: Promise<void>;
}

/**
 * A ZSET of user ids scored by the Unix second of their last heartbeat. With more than one shard the users are spread
 * over `presence:online_users:{0}` … by id, so that a Redis Cluster can spread them over its nodes.
 *
 * The key needs no expiry: the hourly job removes whoever has not been heard of for a day.
 *
 * What comes in during one turn of the event loop shares a command: heartbeats of a shard, and questions for one count.
 */
@Injectable()
export class PresenceRedisRepository implements IPresenceRepository {
  private readonly keys: readonly string[];
  /** Not sent yet, by key. */
  private readonly heartbeats = new Map<string, HeartbeatBatch>();
  /** Not begun yet, by threshold. */
  private readonly counts = new Map<number, Promise<number>>();

  constructor(
    private readonly redis: RedisService,
    shards: number,
  ) {
    this.keys =
      shards === 1
        ? [ONLINE_USERS_KEY]
        : Array.from({ length: shards }, (_, i) => `${ONLINE_USERS_KEY}:{${i}}`);
  }

  updateUserPresence(userId: bigint, timestampSeconds: number): Promise<void> {
    const key = this.keyOf(userId);
    let batch = this.heartbeats.get(key);
    if (batch === undefined || batch.entries.length >= 2 * MAX_HEARTBEATS) {
      const entries: HeartbeatBatch['entries'] = [];
      batch = { entries, written: this.writeAfterTurn(key, entries) };
      this.heartbeats.set(key, batch);
    }
    batch.entries.push(timestampSeconds, userId.toString());
    return batch.written;
  }

  countOnlineUsers(thresholdSeconds: number): Promise<number> {
    let count = this.counts.get(thresholdSeconds);
    if (count === undefined) {
      count = this.countAfterTurn(thresholdSeconds);
      this.counts.set(thresholdSeconds, count);
    }
    return count;
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

  private async writeAfterTurn(key: string, entries: HeartbeatBatch['entries']): Promise<void> {
    await setImmediate();
    if (this.heartbeats.get(key)?.entries === entries) this.heartbeats.delete(key);
    // GT: a late heartbeat, or a replica whose clock is behind, never moves a user back.
    await this.redis.run((client) => client.zadd(key, 'GT', ...entries));
  }

  /** Begins when everybody has asked who shares it, so nobody's answer is older than their question. */
  private async countAfterTurn(thresholdSeconds: number): Promise<number> {
    await setImmediate();
    this.counts.delete(thresholdSeconds);
    const counts = await this.redis.run((client) =>
      Promise.all(this.keys.map((key) => client.zcount(key, `(${thresholdSeconds}`, '+inf'))),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  private keyOf(userId: bigint): string {
    return this.keys[Number(userId % BigInt(this.keys.length))] as string;
  }
}
