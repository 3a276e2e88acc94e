import { startApacheKafka, type ApacheKafka } from '../../../test/support/kafka/apache/cluster.js';
import { startKafkaMock, type TestKafka } from '../../../test/support/kafka/cluster.js';
import { startKafkaProxy } from '../../../test/support/kafka/proxy/proxy.js';
import { LinkGroup } from '../proxy/link.js';
import { TcpProxy } from '../proxy/tcp-proxy.js';
import type { StoreLink } from './store-link.js';

/** Rights are checked, and everything is allowed while a topic has no rule. */
const RIGHTS = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'allow.everyone.if.no.acl.found': 'true',
} as const;

/** Apache Kafka, or its stand-in, which a fault can freeze. */
export class KafkaStore {
  private constructor(
    private readonly server: TestKafka,
    private readonly apache: ApacheKafka | undefined,
  ) {}

  static async start({ isApache }: { readonly isApache: boolean }): Promise<KafkaStore> {
    if (!isApache) return new KafkaStore(await startKafkaMock(), undefined);
    const apache = await startApacheKafka({ brokers: 3, properties: RIGHTS });
    const each = (act: 'pause' | 'resume') => () => {
      for (const node of apache.nodes) node[act]();
    };
    const server = {
      brokers: apache.brokers,
      pause: each('pause'),
      resume: each('resume'),
      stop: () => apache.stop(),
    };
    return new KafkaStore(server, apache);
  }

  /** Returns the addresses of the brokers, comma-separated. */
  get brokers(): string {
    return this.server.brokers;
  }

  /** @throws Error for the stand-in, whose brokers are one process */
  get cluster(): ApacheKafka {
    if (this.apache === undefined) throw new Error('The stand-in of Kafka has no brokers of its own');
    return this.apache;
  }

  freeze(): void {
    this.server.pause();
  }

  resume(): void {
    this.server.resume();
  }

  /** Opens a link of one proxy a broker; another one before them replaces the brokers' addresses in answers. */
  async openLink(): Promise<StoreLink> {
    const proxies = new Map<number, TcpProxy>();
    for (const broker of this.brokers.split(',')) {
      const port = Number(broker.slice(broker.lastIndexOf(':') + 1));
      proxies.set(port, await TcpProxy.start(port));
    }
    const proxy = await startKafkaProxy(this.brokers, {
      portOf: ({ port }) => proxies.get(port)?.port ?? port,
    });
    return {
      link: new LinkGroup([...proxies.values()]),
      settings: { KAFKA_BROKERS: proxy.brokers },
      stop: async () => {
        await proxy.stop();
        await Promise.all([...proxies.values()].map((each) => each.stop()));
      },
    };
  }

  async stop(): Promise<void> {
    if (this.apache === undefined) this.server.resume();
    await this.server.stop();
  }
}
