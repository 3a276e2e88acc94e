import { startRedisServer, type RedisServer } from '../../../test/support/redis.js';
import { TcpProxy } from '../proxy/tcp-proxy.js';
import { withRedisAt, type RedisCommand, type RedisStore } from './redis-store.js';
import type { StoreLink } from './store-link.js';

/** One server. */
export class SingleRedis implements RedisStore {
  private constructor(private server: RedisServer) {}

  static async start(): Promise<SingleRedis> {
    return new SingleRedis(await startRedisServer());
  }

  get settings(): Record<string, string> {
    return settingsAt(this.server.port);
  }

  async openLink(): Promise<StoreLink> {
    const proxy = await TcpProxy.start(this.server.port);
    return { link: proxy, settings: settingsAt(proxy.port), stop: () => proxy.stop() };
  }

  async freeze(): Promise<void> {
    this.server.pause();
  }

  resume(): void {
    this.server.resume();
  }

  async kill(): Promise<void> {
    await this.server.kill();
  }

  async shutDown(): Promise<void> {
    await this.server.shutDown();
  }

  async startAgain(): Promise<void> {
    const { port } = this.server;
    await this.server.stop();
    this.server = await startRedisServer({ port });
  }

  async command(...commands: readonly RedisCommand[]): Promise<void> {
    await withRedisAt(this.server.port, async (client) => {
      for (const [name, ...values] of commands) await client.call(name, ...values);
    });
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }
}

function settingsAt(port: number): Record<string, string> {
  return { REDIS_HOST: '127.0.0.1', REDIS_PORT: String(port) };
}
