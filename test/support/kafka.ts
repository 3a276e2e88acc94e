import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Kafka, logLevel, Partitioners, type IHeaders } from 'kafkajs';

import { startKafkaProxy, type KafkaProxyOptions, type SaslCredentials } from './kafka-proxy.js';
import { startGuarded, temporaryDirectory, waitFor, type GuardedProcess } from './processes.js';

const KCAT_HINT =
  'Install it (Debian/Ubuntu: apt-get install kcat; macOS: brew install kcat; or ' +
  '"node tools/install-test-services.mjs")';

// --- Clusters -----------------------------------------------------------------------------------------------------

export interface TestKafka {
  /** `host:port`, comma-separated */
  readonly brokers: string;
  /** Freezes the brokers: connections stay open and nothing is answered. Only for a mock cluster. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/**
 * A Kafka to talk to: the cluster that KAFKA_BROKERS names, else librdkafka's mock cluster of three brokers, a real
 * TCP peer with produce, fetch and consumer groups. It has no CreateTopics: a topic appears when it is first used, with
 * four partitions. The first member of a group waits three seconds for others, and whoever changes a group that is
 * there already waits for its session timeout less a second. Nothing survives its end.
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
  const mock = await startGuarded({
    command: 'kcat',
    args: ['-b', '127.0.0.1:1', '-X', 'test.mock.num.brokers=3', '-d', 'mock', '-P', '-t', 'boot'],
    directory: temporaryDirectory('kafka'),
    // It does not end on SIGTERM while its standard input is open.
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
  /** The proxies speak TLS, with a certificate for localhost and 127.0.0.1 that is its own authority. */
  readonly tls?: boolean;
  /** They also demand a certificate of the client. */
  readonly clientCertificates?: boolean;
  /** The proxies demand these, by PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. */
  readonly sasl?: SaslCredentials;
}

export interface ProxiedKafka {
  /** `host:port` of the proxies, comma-separated: for what is under test */
  readonly brokers: string;
  /** Past the proxies, in plain text: for those who watch (subscribers, kcat) and are not to be interrupted. */
  readonly steadyBrokers: string;
  /** with `tls`: what a client has to trust */
  readonly caFile?: string;
  /** with `clientCertificates`: what a client has to show */
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Cuts all connections and lets nobody in, as a broken network would. */
  interrupt(): void;
  restore(): void;
  /**
   * Connections stay open and nothing is answered: the proxies stop, and the mock cluster does, for those who watch,
   * too.
   */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

/**
 * The cluster that KAFKA_BROKERS names (in plain text), or the mock cluster, behind a proxy for each broker: to
 * interrupt the connections, to guard the cluster with TLS and SASL, and to mend what the mock cluster does wrong. Only
 * behind the proxies it takes an idempotent producer of kafkajs, and groups of more than one member.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<ProxiedKafka> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopOne of stops.splice(0).reverse()) await stopOne();
  };
  try {
    const { brokers: steadyBrokers, mock } = await startCluster();
    if (mock !== undefined) stops.push(() => mock.stop());
    const { tls, ...files } = options.tls === true ? await makeCertificates(options, stops) : {};
    const proxy = await startKafkaProxy(steadyBrokers, {
      ...(tls !== undefined && { tls }),
      ...(options.sasl !== undefined && { sasl: options.sasl }),
    });
    stops.push(() => proxy.stop());
    return {
      brokers: proxy.brokers,
      steadyBrokers,
      ...files,
      interrupt: () => proxy.interrupt(),
      restore: () => proxy.restore(),
      freeze: () => {
        // The signal takes its time to reach every thread of the mock cluster.
        proxy.freeze();
        mock?.signal('SIGSTOP');
      },
      thaw: () => {
        mock?.signal('SIGCONT');
        proxy.thaw();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Certificates {
  readonly tls: NonNullable<KafkaProxyOptions['tls']>;
  readonly caFile: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** Each is its own authority. The directory goes with the guard of the process that made the first. */
async function makeCertificates(
  { clientCertificates = false }: KafkaOptions,
  stops: (() => Promise<void>)[],
): Promise<Certificates> {
  const directory = temporaryDirectory('kafka-tls');
  const make = async (name: string): Promise<{ cert: string; key: string }> => {
    const [cert, key] = [join(directory, `${name}.pem`), join(directory, `${name}.key`)];
    const openssl = await startGuarded({
      command: 'openssl',
      args: [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
        ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-days', '2'],
        ...['-out', cert, '-keyout', key],
      ],
      directory,
      installHint: 'Tests of TLS make their certificates with it.',
    });
    stops.push(() => openssl.stop());
    if ((await openssl.end()).code !== 0) throw new Error(`openssl has failed:\n${openssl.output()}`);
    return { cert, key };
  };
  const server = await make('server');
  const tls = { cert: readFileSync(server.cert), key: readFileSync(server.key) };
  if (!clientCertificates) return { tls, caFile: server.cert };
  const client = await make('client');
  return {
    tls: { ...tls, ca: readFileSync(client.cert), requestCert: true, rejectUnauthorized: true },
    caFile: server.cert,
    certFile: client.cert,
    keyFile: client.key,
  };
}

// --- Reading ------------------------------------------------------------------------------------------------------

/** What a subscriber finds in a topic. */
export interface ReceivedMessage {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** parsed from JSON; null is a tombstone */
  readonly value: unknown;
}

export interface SubscribeOptions {
  /** default: one of this subscriber's own */
  readonly groupId?: string;
  /** Sees each message as it comes. What it throws, `messages` and `close` reject with. */
  readonly validate?: (message: ReceivedMessage) => void;
}

export interface Subscriber {
  /** Everything that has come so far, in the order of each partition. */
  readonly received: readonly ReceivedMessage[];
  /**
   * Waits for that many messages with this key, which names the type of the event, and returns all there are of it.
   * Rejects with the first message that is no JSON or not valid.
   */
  messages(eventType: string, count: number): Promise<ReceivedMessage[]>;
  close(): Promise<void>;
}

/** Follows a topic from its beginning, as a service that subscribes to us does. */
export async function subscribe(
  brokers: string,
  topic: string,
  options: SubscribeOptions = {},
): Promise<Subscriber> {
  const consumer = clientOf(brokers).consumer({
    groupId: options.groupId ?? `subscriber-${topic}-${randomUUID()}`,
    maxWaitTimeInMs: 50,
    // The least that Apache Kafka allows: the mock cluster lets a new member wait nearly that long for those before it.
    sessionTimeout: 6_000,
    heartbeatInterval: 1_000,
  });
  const received: ReceivedMessage[] = [];
  const failures: unknown[] = [];
  const throwFailure = (): void => {
    if (failures.length > 0) throw failures[0];
  };
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    // It must not throw: kafkajs would come back with the same message for ever.
    eachMessage: async ({ partition, message }) => {
      try {
        const read: ReceivedMessage = {
          partition,
          offset: Number(message.offset),
          key: message.key?.toString(),
          headers: textOf(message.headers ?? {}),
          value: JSON.parse(message.value?.toString() ?? 'null') as unknown,
        };
        received.push(read);
        options.validate?.(read);
      } catch (error) {
        const where = `${topic}, partition ${partition}, offset ${message.offset}`;
        failures.push(new Error(`${where}: ${String(error)}`, { cause: error }));
      }
    },
  });
  return {
    received,
    messages: async (eventType, count) => {
      const ofType = (): ReceivedMessage[] => received.filter(({ key }) => key === eventType);
      await waitFor(() => failures.length > 0 || ofType().length >= count, 20_000, {
        what: `${count} messages ${eventType}`,
      });
      throwFailure();
      return ofType();
    },
    close: async () => {
      await consumer.disconnect();
      throwFailure();
    },
  };
}

function textOf(headers: IHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

/** A message as kcat's JSON envelope shows it. */
export interface KcatMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly payload: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface KcatOutput {
  /** as kcat has written them, one for each message */
  readonly lines: readonly string[];
  readonly messages: readonly KcatMessage[];
}

/**
 * Reads that many messages from the beginning of a topic with kcat, to see what a client in C sees. In order within each
 * partition; fewer messages in time are an error. Bytes that are no UTF-8 come out as replacement characters.
 */
export async function readTopicWithKcat(
  brokers: string,
  topic: string,
  { count, timeoutMs = 10_000 }: { readonly count: number; readonly timeoutMs?: number },
): Promise<KcatOutput> {
  const kcat = await startGuarded({
    command: 'kcat',
    args: [
      ...['-C', '-J', '-q', '-u', '-b', brokers, '-t', topic, '-o', 'beginning', '-c', String(count)],
      // Else it waits half a second for each partition that is empty.
      ...['-X', 'fetch.wait.max.ms=20'],
    ],
    directory: temporaryDirectory('kcat'),
    stopSignal: 'SIGKILL',
    installHint: `${KCAT_HINT}.`,
  });
  const timer = setTimeout(() => void kcat.kill(), timeoutMs);
  const { code } = await kcat.end();
  clearTimeout(timer);
  const output = kcat.output();
  await kcat.stop();
  if (code !== 0) {
    const why = code === null ? `not within ${timeoutMs} ms` : `exit code ${code}`;
    throw new Error(`kcat does not read ${count} messages of ${topic} (${why}); it wrote:\n${output}`);
  }
  // librdkafka's own remarks begin with a percent sign.
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  return { lines, messages: lines.map(fromEnvelope) };
}

function fromEnvelope(line: string): KcatMessage {
  const { topic, partition, offset, key, payload, headers } = JSON.parse(line) as Omit<
    KcatMessage,
    'headers'
  > & { readonly headers?: readonly string[] };
  // Names and values in turn
  const entries = (headers ?? []).flatMap((name, i, all) => (i % 2 === 0 ? [[name, all[i + 1]]] : []));
  return {
    topic,
    partition,
    offset,
    key,
    payload,
    headers: Object.fromEntries(entries) as Record<string, string>,
  };
}

/** The offset that a consumer group would go on with, or -1 when it has committed nothing there. */
export async function committedOffset(
  brokers: string,
  groupId: string,
  topic: string,
  partition: number,
): Promise<number> {
  const admin = clientOf(brokers).admin();
  await admin.connect();
  try {
    const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] });
    return Number(offsets?.partitions.find((one) => one.partition === partition)?.offset ?? -1);
  } finally {
    await admin.disconnect();
  }
}

// --- Writing ------------------------------------------------------------------------------------------------------

export interface RawMessage {
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers?: Readonly<Record<string, string | Buffer>>;
  /** default: as kafkajs chooses it, by the key */
  readonly partition?: number;
}

/** Writes the messages as they are, valid or not, in one request for each partition's leader. */
export async function produceRaw(
  brokers: string,
  topic: string,
  messages: readonly RawMessage[],
): Promise<void> {
  const producer = clientOf(brokers).producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  try {
    await producer.send({
      topic,
      messages: messages.map(({ headers, ...message }) => ({
        ...message,
        ...(headers !== undefined && { headers: { ...headers } }),
      })),
    });
  } finally {
    await producer.disconnect();
  }
}

/** For those who watch and feed; what goes wrong is thrown. */
function clientOf(brokers: string): Kafka {
  return new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
}
