import { makeCertificates } from '../certificates.js';
import { startGuarded, temporaryDirectory, waitFor, type GuardedProcess } from '../processes.js';
import { findTestServices } from '../services.js';
import { startApacheKafka } from './apache/cluster.js';
import { kafkaJars } from './apache/jars.js';
import { KCAT_HINT } from './kcat.js';
import { startKafkaProxy } from './proxy/proxy.js';
import type { SaslCredentials } from './proxy/sasl.js';

export interface TestKafka {
  /** `host:port`, comma-separated */
  readonly brokers: string;
  /** Freezes the brokers of a mock cluster: connections stay open and requests stay unanswered. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/**
 * Returns the cluster that KAFKA_BROKERS names, or starts librdkafka's mock cluster of three brokers.
 * The mock has no CreateTopics: a topic appears with four partitions when a client first uses it.
 */
export async function startKafkaMock(): Promise<TestKafka> {
  const { brokers, mock } = await startCluster();
  const signal = (name: NodeJS.Signals): void => {
    if (mock === undefined) throw new Error('The brokers that KAFKA_BROKERS names cannot be paused.');
    mock.signal(name);
  };
  return {
    brokers,
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    stop: async () => mock?.stop(),
  };
}

async function startCluster(): Promise<{ brokers: string; mock?: GuardedProcess }> {
  const given = process.env['KAFKA_BROKERS'];
  if (given !== undefined && given !== '') return { brokers: given };
  const shared = findTestServices()?.kafkaBrokers;
  if (typeof shared === 'string') return { brokers: shared };
  return startMock();
}

/** Starts a mock cluster of the caller's own, also where Apache Kafka is installed. */
export async function startMock(): Promise<{ brokers: string; mock: GuardedProcess }> {
  const mock = await startGuarded({
    command: 'kcat',
    args: ['-b', '127.0.0.1:1', '-X', 'test.mock.num.brokers=3', '-d', 'mock', '-P', '-t', 'boot'],
    directory: temporaryDirectory('kafka'),
    // It ignores SIGTERM while its standard input is open.
    stopSignal: 'SIGKILL',
    installHint: `${KCAT_HINT}, or set KAFKA_BROKERS to a cluster for tests.`,
  });
  try {
    const [, brokers] = await waitFor(
      () => /bootstrap\.servers=([^\s,]+:\d+(?:,[^\s,]+:\d+)*)/.exec(mock.output()),
      10_000,
      { what: 'kcat names the brokers of its mock cluster' },
    );
    return { brokers: brokers ?? '', mock };
  } catch (error) {
    const output = mock.output();
    await mock.stop();
    throw new Error(`kcat brings up no mock cluster; it wrote:\n${output}`, { cause: error });
  }
}

export interface KafkaOptions {
  /** The proxies speak TLS with a self-signed certificate for localhost and 127.0.0.1. */
  readonly tls?: boolean;
  /** The proxies also require a client certificate. */
  readonly clientCertificates?: boolean;
  /** The proxies require these credentials, by PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. */
  readonly sasl?: SaslCredentials;
  /** A cluster of its own, in which joining a consumer group takes at least this long; the mock always does. */
  readonly groupJoinDelayMs?: number;
}

export interface ProxiedKafka {
  /** `host:port` of the proxies, comma-separated, for the code under test */
  readonly brokers: string;
  /** `host:port` of the brokers in plain text, for observers (subscribers, kcat) that stay connected. */
  readonly steadyBrokers: string;
  /** the authority that a client has to trust; set with `tls` */
  readonly caFile?: string;
  /** the certificate that a client has to present; set with `clientCertificates` */
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Cuts all connections and refuses new ones, or those to one of the brokers, as a broken network does. */
  interrupt(steadyBroker?: string): void;
  restore(): void;
  /** Leaves connections open and requests unanswered; a mock cluster freezes for observers, too. */
  freeze(): void;
  thaw(): void;
  /** Leaves the connections of this moment open and unanswered for good; new ones work. */
  silence(): void;
  /** Answers writes, or so many of them, with this error of Kafka although they are stored; null ends it. */
  refuseWrites(error: number | null, times?: number): void;
  /** Cuts the connection of the next write after it is stored, before its answer. */
  loseNextAnswer(): void;
  /** Resolves when a client next asks to join a consumer group. */
  nextJoin(): Promise<void>;
  stop(): Promise<void>;
}

/** True where the suites run against Apache Kafka or a given cluster, and not against the mock. */
export function isRealKafka(): boolean {
  return typeof findTestServices()?.kafkaBrokers === 'string';
}

/**
 * Puts a proxy before each broker, which can cut connections, and adds TLS and SASL.
 * The proxies also correct answers of the mock cluster that break kafkajs, so code under test connects to them.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<ProxiedKafka> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopOne of stops.splice(0).reverse()) await stopOne();
  };
  try {
    const { brokers: steadyBrokers, mock } = await startSlowlyJoined(options, stops);
    if (mock !== undefined) stops.push(() => mock.stop());
    const { tls, ...files } =
      options.tls === true ? await makeCertificates(options.clientCertificates ?? false, stops) : {};
    const proxy = await startKafkaProxy(steadyBrokers, {
      ...(tls !== undefined && { tls }),
      ...(options.sasl !== undefined && { sasl: options.sasl }),
    });
    stops.push(() => proxy.stop());
    return {
      brokers: proxy.brokers,
      steadyBrokers,
      ...files,
      interrupt: (steadyBroker) => proxy.interrupt(steadyBroker),
      restore: () => proxy.restore(),
      freeze: () => {
        // The proxies freeze first, because the signal reaches the threads of the mock one after the other.
        proxy.freeze();
        mock?.signal('SIGSTOP');
      },
      thaw: () => {
        mock?.signal('SIGCONT');
        proxy.thaw();
      },
      silence: () => proxy.silence(),
      refuseWrites: (error, times) => proxy.refuseWrites(error, times),
      loseNextAnswer: () => proxy.loseNextAnswer(),
      nextJoin: () => proxy.nextJoin(),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startSlowlyJoined(
  { groupJoinDelayMs }: KafkaOptions,
  stops: (() => Promise<void>)[],
): Promise<{ brokers: string; mock?: GuardedProcess }> {
  if (groupJoinDelayMs === undefined || kafkaJars() === null) return startCluster();
  const properties = { 'group.initial.rebalance.delay.ms': String(groupJoinDelayMs) };
  const cluster = await startApacheKafka({ properties });
  stops.push(() => cluster.stop());
  return { brokers: cluster.brokers };
}

/** Runs work against a cluster of its own and stops the cluster. */
export async function withKafka(
  options: KafkaOptions,
  work: (kafka: ProxiedKafka) => Promise<void>,
): Promise<void> {
  const kafka = await startKafka(options);
  try {
    await work(kafka);
  } finally {
    await kafka.stop();
  }
}
