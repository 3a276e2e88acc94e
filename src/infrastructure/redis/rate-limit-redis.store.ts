import type { RateLimitStore, WindowCount } from '../../application/ports/rate-limit-store.port.js';
import type { RedisService } from './redis.service.js';

/** Counts one request, and lets the first one of a window start its expiry. */
const COUNT_REQUEST = `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}
`;

/** A client with the command that the store defines. */
interface CountingClient {
  countRequest(key: string, windowMs: number): Promise<[count: number, endsInMs: number]>;
}

/** Counts requests under `rate:…`, which all replicas share. */
export class RateLimitRedisStore implements RateLimitStore {
  constructor(private readonly redis: RedisService) {
    redis.defineCommand('countRequest', { numberOfKeys: 1, lua: COUNT_REQUEST });
  }

  /** @throws ApplicationException `redis_unavailable` */
  async increment(key: string, windowMs: number): Promise<WindowCount> {
    const [count, endsInMs] = await this.redis.run(
      (client) => (client as unknown as CountingClient).countRequest(`rate:${key}`, windowMs),
      'count_request',
    );
    return { count, endsInMs };
  }
}
