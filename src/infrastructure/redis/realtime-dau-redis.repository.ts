import { Injectable } from '@nestjs/common';
import type { IRealtimeDauRepository } from '../../domain/repositories/realtime-dau.repository.interface.js';
import { startOfDayInTimezone, type DateKey } from '../../shared/utils/timezone.util.js';
import { RedisService } from './redis.service.js';

/** Counted from the day's start: late events still find their day for a week and more. */
const KEPT_SECONDS = 10 * 24 * 60 * 60;

/** Key `analytics:dau:YYYY-MM-DD`: one HyperLogLog a day. */
@Injectable()
export class RealtimeDauRedisRepository implements IRealtimeDauRepository {
  constructor(private readonly redis: RedisService) {}

  async add(day: DateKey, identities: readonly string[]): Promise<void> {
    if (identities.length === 0) return;
    const key = keyOf(day);
    const expireAt = Math.floor(startOfDayInTimezone(day).getTime() / 1000) + KEPT_SECONDS;
    await this.redis.run((client) =>
      // Sent together. The expiry follows from the day, so setting it again changes nothing.
      Promise.all([client.pfadd(key, ...identities), client.expireat(key, expireAt)]),
    );
  }

  async count(day: DateKey): Promise<number> {
    return this.redis.run((client) => client.pfcount(keyOf(day)));
  }
}

function keyOf(day: DateKey): string {
  return `analytics:dau:${day}`;
}
