import type { BenchContext } from './context.js';

/** The service's sorted set of online users; its own constant is private to the Redis adapter. */
export const ONLINE_USERS_KEY = 'presence:online_users';

const CHUNK = 10_000;

/** Replaces all presence data with `users` users who stay online for one window; later scores count for nobody. */
export async function putUsersOnline({ servers: { redis } }: BenchContext, users: number): Promise<void> {
  await redis.flushdb();
  const now = Math.floor(Date.now() / 1000);
  for (let first = 1; first <= users; first += CHUNK) {
    const count = Math.min(CHUNK, users - first + 1);
    const members = Array.from({ length: count }, (_, i) => [now, String(first + i)]).flat();
    await redis.zadd(ONLINE_USERS_KEY, ...members);
  }
}
