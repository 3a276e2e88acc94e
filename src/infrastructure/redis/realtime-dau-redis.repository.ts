import { Injectable } from '@nestjs/common';
import type { IRealtimeDauRepository } from '../../domain/repositories/realtime-dau.repository.interface.js';
import { startOfDayInTimezone, type DateKey } from '../../shared/utils/timezone.util.js';
import { GroupedCalls } from './grouped-calls.js';
import { RedisService } from './redis.service.js';

/** Keeps a day for ten days from its start, so that late events of a week and more still find it. */
const KEPT_SECONDS = 10 * 24 * 60 * 60;
/** Limits the identities of one command: Redis runs nothing else meanwhile. */
const MAX_IDENTITIES = 1000;
/** Bounds the days whose calls are grouped; those of a device's queue are a dozen. */
const MAX_GROUPED_DAYS = 64;

type Additions = GroupedCalls<readonly string[], void>;

/** Keeps one HyperLogLog a day under `analytics:dau:YYYY-MM-DD`. Additions that arrive together share a command. */
@Injectable()
export class RealtimeDauRedisRepository implements IRealtimeDauRepository {
  private readonly additions = new Map<DateKey, Additions>();

  constructor(private readonly redis: RedisService) {}

  get connection(): number {
    return this.redis.connections;
  }

  async add(day: DateKey, identities: readonly string[]): Promise<void> {
    if (identities.length > 0) await this.additionsOf(day).call(identities);
  }

  async count(day: DateKey): Promise<number> {
    return this.redis.pfcount(keyOf(day));
  }

  private additionsOf(day: DateKey): Additions {
    let additions = this.additions.get(day);
    if (additions === undefined) {
      additions = new GroupedCalls((groups) => this.write(day, groups.flat()));
      if (this.additions.size >= MAX_GROUPED_DAYS) this.additions.clear();
      this.additions.set(day, additions);
    }
    return additions;
  }

  private async write(day: DateKey, identities: readonly string[]): Promise<void> {
    const key = keyOf(day);
    const commands: Promise<number>[] = [];
    for (let from = 0; from < identities.length; from += MAX_IDENTITIES)
      commands.push(this.redis.pfadd(key, ...identities.slice(from, from + MAX_IDENTITIES)));
    // All commands share a packet. The expiry follows from the day, so a repetition changes nothing.
    const expireAt = Math.floor(startOfDayInTimezone(day).getTime() / 1000) + KEPT_SECONDS;
    commands.push(this.redis.expireat(key, expireAt));
    await Promise.all(commands);
  }
}

function keyOf(day: DateKey): string {
  return `analytics:dau:${day}`;
}
