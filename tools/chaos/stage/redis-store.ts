import { Redis } from 'ioredis';
import { startRedisServer, type RedisServer } from '../../../test/support/redis.js';

const COMMAND_TIMEOUT_MS = 3_000;

/** Redis without persistence, which a fault can freeze, kill or empty. */
export class RedisStore {
  private constructor(private server: RedisServer) {}

  static async start(): Promise<RedisStore> {
    return new RedisStore(await startRedisServer());
  }

  get port(): number {
    return this.server.port;
  }

  freeze(): void {
    this.server.pause();
  }

  resume(): void {
    this.server.resume();
  }

  async kill(): Promise<void> {
    await this.server.kill();
  }

  /** Starts an empty server on the same port. */
  async startAgain(): Promise<void> {
    const { port } = this.server;
    await this.server.stop();
    this.server = await startRedisServer({ port });
  }

  /** Runs commands on a connection that no proxy is on. */
  async command(...commands: readonly (readonly [string, ...string[]])[]): Promise<void> {
    const client = new Redis({
      host: '127.0.0.1',
      port: this.port,
      lazyConnect: true,
      maxRetriesPerRequest: 0,
      retryStrategy: null,
      commandTimeout: COMMAND_TIMEOUT_MS,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      for (const [name, ...values] of commands) await client.call(name, ...values);
    } finally {
      client.disconnect();
    }
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }
}
