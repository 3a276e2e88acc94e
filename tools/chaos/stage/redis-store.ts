import { Redis } from 'ioredis';
import type { StoreLink } from './store-link.js';

const COMMAND_TIMEOUT_MS = 3_000;

export type RedisCommand = readonly [string, ...string[]];

/** The work of an operator on a cluster. */
export interface ClusterOperations {
  /** Moves slots that have keys to another master until `stop` aborts. @returns how many have moved */
  reshard(stop: AbortSignal): Promise<number>;
  /** Lets a replica and its master change places, in an orderly way. */
  failOver(): Promise<void>;
}

/** Redis without persistence, which a fault can freeze, kill or empty. */
export interface RedisStore {
  /** Absent for a single server. */
  readonly cluster?: ClusterOperations;
  openLink(): Promise<StoreLink>;
  /** Returns the settings of a command that connects directly. */
  readonly settings: Readonly<Record<string, string>>;
  /** Freezes the server; of a cluster, one master. */
  freeze(): Promise<void>;
  resume(): void;
  /** Kills the server; of a cluster, one master. */
  kill(): Promise<void>;
  /** Ends the server in an orderly way; of a cluster, one master. */
  shutDown(): Promise<void>;
  /** Starts an empty server in place of the one that has ended. */
  startAgain(): Promise<void>;
  /** Runs commands on every server that takes writes, on connections that no proxy is on. */
  command(...commands: readonly RedisCommand[]): Promise<void>;
  stop(): Promise<void>;
}

/** Runs work on a connection that no proxy is on and that never waits for long. */
export async function withRedisAt<Result>(
  port: number,
  work: (client: Redis) => Promise<Result>,
): Promise<Result> {
  const client = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: null,
    connectTimeout: COMMAND_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    client.disconnect();
  }
}
