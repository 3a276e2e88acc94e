import { startKafkaProxy, type KafkaProxy } from '../../../test/support/kafka/proxy/proxy.js';
import { TcpProxy } from '../proxy/tcp-proxy.js';

/** The links of one replica to its stores. */
export class ReplicaLinks {
  private constructor(
    readonly postgres: TcpProxy,
    readonly redis: TcpProxy,
    readonly kafka: KafkaProxy,
  ) {}

  static async start(stores: {
    readonly postgresPort: number;
    readonly redisPort: number;
    readonly brokers: string;
  }): Promise<ReplicaLinks> {
    return new ReplicaLinks(
      await TcpProxy.start(stores.postgresPort),
      await TcpProxy.start(stores.redisPort),
      await startKafkaProxy(stores.brokers),
    );
  }

  async stop(): Promise<void> {
    await Promise.all([this.postgres.stop(), this.redis.stop(), this.kafka.stop()]);
  }
}
