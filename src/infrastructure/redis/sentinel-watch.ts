import { Redis } from 'ioredis';
import type { RedisConfig } from '../../config/redis.config.js';
import { backoffMs } from '../system/backoff.js';

const CHANNEL = '+switch-master';
const CONNECT_TIMEOUT_MS = 1000;
const DISCONNECT_TIMEOUT_MS = 500;
/** A Sentinel that is lost costs one attempt in this time; the client itself needs another one only. */
const RETRIES = { minMs: 1000, maxMs: 30_000, jitter: 0.5 };

/**
 * Reconnects the client when a Sentinel announces another master. The former one stays connected otherwise, and
 * takes writes until the Sentinels make it a replica, which they do about ten seconds later.
 *
 * @returns the call that ends the watch
 */
export function watchSentinels(client: Redis, { sentinel, tls }: RedisConfig): () => void {
  if (sentinel === null) return () => undefined;
  let announced: string | null = null;
  const leaveFormerMaster = (): void => {
    // A client that is told to disconnect while it connects ends for good.
    if (announced === null || client.status !== 'ready') return;
    const { remoteAddress, remotePort } = client.stream;
    if (announced !== `${remoteAddress} ${remotePort}`) client.disconnect(true);
    // An address that differs for another reason, such as NAT, is judged once.
    announced = null;
  };
  client.on('ready', leaveFormerMaster);
  const watchers = sentinel.addresses.map((address) => {
    const watcher = new Redis({
      ...address,
      ...(sentinel.password !== null && { password: sentinel.password }),
      ...(tls !== null && { tls }),
      connectTimeout: CONNECT_TIMEOUT_MS,
      disconnectTimeout: DISCONNECT_TIMEOUT_MS,
      enableReadyCheck: false,
      maxRetriesPerRequest: null,
      retryStrategy: (attempt) => backoffMs(attempt, RETRIES, Math.random),
    });
    // The client logs the outage when it needs a Sentinel and finds none.
    watcher.on('error', () => undefined);
    watcher.on('message', (_, message: string) => {
      const [name, , , host, port] = message.split(' ');
      if (name !== sentinel.masterName) return;
      announced = `${host} ${port}`;
      leaveFormerMaster();
    });
    watcher.subscribe(CHANNEL).catch(() => undefined);
    return watcher;
  });
  return () => {
    for (const watcher of watchers) watcher.disconnect();
  };
}
