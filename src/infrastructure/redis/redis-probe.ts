import { probeKeys } from './probe-keys.js';
import type { RedisService } from './redis.service.js';

/** Callers within this time share one check, so that no number of probes loads Redis. */
const SHARED_MS = 1000;
const KEY_SECONDS = 60;

/** Tells whether Redis takes the writes of a heartbeat: on every master, since one healthy node proves nothing. */
export class RedisProbe {
  private lastCheck: Promise<void> | null = null;
  private checkedAtMs = -Infinity;

  constructor(
    private readonly redis: RedisService,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** @throws ApplicationException `redis_unavailable` when a master does not take writes */
  check(): Promise<void> {
    const nowMs = this.nowMs();
    if (this.lastCheck === null || nowMs - this.checkedAtMs >= SHARED_MS) {
      this.checkedAtMs = nowMs;
      this.lastCheck = this.writeEverywhere();
    }
    return this.lastCheck;
  }

  private async writeEverywhere(): Promise<void> {
    await this.redis.run(async (client) => {
      const keys = probeKeys(client);
      // A sorted set as presence itself; memory limits and read-only replicas refuse it.
      await Promise.all(
        keys.flatMap((key) => [client.zadd(key, 0, 'probe'), client.expire(key, KEY_SECONDS)]),
      );
    }, 'probe');
  }
}
