import type { TimeSource } from '../system/time-source.js';
import { ONLINE_USERS_KEY } from './presence-keys.js';
import type { RedisService } from './redis.service.js';

/** Decides the node of a cluster, so that all replicas ask the same one; the key need not exist. */
const NODE_KEY = ONLINE_USERS_KEY;

/** The clock of Redis; in a cluster, of the node with {@link NODE_KEY}. */
export class RedisTime implements TimeSource {
  readonly name = 'Redis';

  constructor(private readonly redis: RedisService) {}

  async readMs(): Promise<number> {
    // TIME has no key and would go to any node of a cluster; in a pipeline it follows its neighbour.
    const replies = await this.redis.run((client) => client.pipeline().exists(NODE_KEY).time().exec());
    const [error, time] = replies?.[1] ?? [];
    if (error) throw error;
    const [seconds, microseconds] = (time as (string | number)[] | undefined)?.map(Number) ?? [];
    if (seconds === undefined || microseconds === undefined) throw new Error('Redis did not tell its time');
    return seconds * 1000 + microseconds / 1000;
  }
}
