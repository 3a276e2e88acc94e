import { startApacheKafka, type ApacheKafka } from '../../../test/support/kafka/apache/cluster.js';
import { startMock, type TestKafka } from '../../../test/support/kafka/cluster.js';
import { startKafkaProxy } from '../../../test/support/kafka/proxy/proxy.js';
import { assemble } from '../../../test/support/parts.js';
import { LinkGroup } from '../proxy/link.js';
import { TcpProxy } from '../proxy/tcp-proxy.js';
import type { StoreLink } from './store-link.js';

/** The login of the replicas; everybody else comes without one, and may do everything. */
const LOGIN = { username: 'analytics', password: 'secret-of-a-chaos-run' } as const;
/** Rights are checked for logins, and everything is allowed while a topic has no rule. */
const RIGHTS = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'allow.everyone.if.no.acl.found': 'true',
  'super.users': 'User:ANONYMOUS',
} as const;

/** The principal of the replicas in access rules. */
export const REPLICAS = `User:${LOGIN.username}`;

/** Apache Kafka, or its stand-in, which a fault can freeze. */
export class KafkaStore {
  private constructor(
    private readonly server: TestKafka,
    private readonly apache: ApacheKafka | undefined,
  ) {}

  static async start({ isApache }: { readonly isApache: boolean }): Promise<KafkaStore> {
    if (!isApache) return new KafkaStore(await startStandIn(), undefined);
    const apache = await startApacheKafka({ brokers: 3, secured: { sasl: LOGIN }, properties: RIGHTS });
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

  /** Returns the addresses of the brokers for those without a login, comma-separated. */
  get brokers(): string {
    return this.server.brokers;
  }

  /** Returns the settings of a program that connects directly. */
  get settings(): Record<string, string> {
    const brokers = this.apache?.securedBrokers ?? this.brokers;
    if (this.apache === undefined) return { KAFKA_BROKERS: brokers };
    return {
      KAFKA_BROKERS: brokers,
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: LOGIN.username,
      KAFKA_SASL_PASSWORD: LOGIN.password,
    };
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
  openLink(): Promise<StoreLink> {
    return assemble(async (parts) => {
      const proxies = new Map<number, TcpProxy>();
      const { settings } = this;
      const brokers = settings['KAFKA_BROKERS'] ?? '';
      for (const broker of brokers.split(',')) {
        const port = Number(broker.slice(broker.lastIndexOf(':') + 1));
        proxies.set(port, await parts.add(TcpProxy.start(port), (proxy) => proxy.stop()));
      }
      const proxy = await parts.add(
        startKafkaProxy(brokers, {
          ...(this.apache !== undefined && { sasl: 'broker' as const }),
          portOf: ({ port }) => proxies.get(port)?.port ?? port,
        }),
        (each) => each.stop(),
      );
      return {
        link: new LinkGroup([...proxies.values()]),
        settings: { ...settings, KAFKA_BROKERS: proxy.brokers },
        stop: () => parts.stop(),
      };
    });
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }
}

async function startStandIn(): Promise<TestKafka> {
  const { brokers, mock } = await startMock();
  return {
    brokers,
    pause: () => {
      mock.signal('SIGSTOP');
    },
    resume: () => {
      mock.signal('SIGCONT');
    },
    stop: () => mock.stop(),
  };
}
