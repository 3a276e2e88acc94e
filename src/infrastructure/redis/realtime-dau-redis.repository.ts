import { Injectable } from '@nestjs/common';
import type { IRealtimeDauRepository } from '../../domain/repositories/realtime-dau.repository.interface.js';
import { startOfDayInTimezone, type DateKey } from '../../shared/utils/timezone.util.js';
import { RedisService } from './redis.service.js';

/** Keeps a day for ten days from its start, so that late events of a week and more still find it. */
const KEPT_SECONDS = 10 * 24 * 60 * 60;

/** Keeps one HyperLogLog a day under `analytics:dau:YYYY-MM-DD`. */
@Injectable()
export class RealtimeDauRedisRepository implements IRealtimeDauRepository {
  constructor(private readonly redis: RedisService) {}

  get connection(): number {
    return this.redis.connections;
  }

  async add(day: DateKey, identities: readonly string[]): Promise<void> {
    if (identities.length === 0) return;
    const key = keyOf(day);
    const expireAt = Math.floor(startOfDayInTimezone(day).getTime() / 1000) + KEPT_SECONDS;
    // Both commands share a packet. The expiry follows from the day, so a repetition changes nothing.
    await Promise.all([this.redis.pfadd(key, ...identities), this.redis.expireat(key, expireAt)]);
  }

  async count(day: DateKey): Promise<number> {
    return this.redis.pfcount(keyOf(day));
  }
}

function keyOf(day: DateKey): string {
  return `analytics:dau:${day}`;
}
