import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { freePort, startGuarded, temporaryDirectory, type GuardedProcess } from '../../processes.js';
import { startBroker, waitUntilRegistered } from './broker.js';
import { kafkaJars } from './jars.js';
import { brokerProperties, type BrokerAddress, type SecuredListener } from './properties.js';

/** One broker of a cluster; a client reaches it at `address`. */
export interface ApacheBroker {
  readonly id: number;
  /** `host:port` in plain text */
  readonly address: string;
  /** Freezes the broker: connections stay open and requests stay unanswered. */
  pause(): void;
  resume(): void;
  /** Asks the broker to end: it hands over what it leads first. Its data and port remain for `restart`. */
  terminate(): void;
  /** Kills the broker as a crash would; its data and port remain for `restart`. */
  kill(): Promise<void>;
  /** Starts the broker again, and resolves when each partition of the cluster has a leader. */
  restart(): Promise<void>;
}

export interface ApacheKafka {
  /** `host:port` of all brokers in plain text, comma-separated */
  readonly brokers: string;
  /** `host:port` of the secured listeners, comma-separated; null without one */
  readonly securedBrokers: string | null;
  readonly nodes: readonly ApacheBroker[];
  stop(): Promise<void>;
}

export interface ApacheKafkaOptions {
  /** default: 1; every broker is a controller as well */
  readonly brokers?: number;
  /** opens a listener with TLS, SASL or both beside the one in plain text */
  readonly secured?: SecuredListener;
  /** further properties of each broker */
  readonly properties?: Readonly<Record<string, string>>;
}

const CLUSTER_ID = 'dGVzdC1jbHVzdGVyLTEyMw';

/** Starts an Apache Kafka in KRaft mode on free ports, in a temporary directory. */
export async function startApacheKafka(options: ApacheKafkaOptions = {}): Promise<ApacheKafka> {
  const jars = kafkaJars();
  if (jars === null) throw new Error('Apache Kafka is not installed: node tools/install-test-services.mjs');
  const nodes = await Promise.all(
    Array.from({ length: options.brokers ?? 1 }, async (_, index): Promise<BrokerAddress> => {
      const [port, controllerPort, securedPort] = [await freePort(), await freePort(), await freePort()];
      return { id: index + 1, port, controllerPort, securedPort };
    }),
  );
  const running: GuardedProcess[] = [];
  try {
    const brokers = await Promise.all(nodes.map((node) => openBroker(jars, node, nodes, options, running)));
    const addresses = brokers.map(({ address }) => address).join(',');
    await waitUntilRegistered(addresses, brokers.length);
    return {
      brokers: addresses,
      securedBrokers: options.secured
        ? nodes.map(({ securedPort }) => `127.0.0.1:${securedPort}`).join(',')
        : null,
      nodes: brokers,
      stop: async () => {
        await Promise.all(running.map((process) => process.stop()));
      },
    };
  } catch (error) {
    const outputs = running.map((process) => process.output().slice(-2_000)).join('\n');
    await Promise.all(running.map((process) => process.stop()));
    throw new Error(`Apache Kafka does not serve; it wrote:\n${outputs}`, { cause: error });
  }
}

/** @param running gets each process of the broker; the last one is the current one */
async function openBroker(
  jars: string,
  node: BrokerAddress,
  nodes: readonly BrokerAddress[],
  { secured, properties }: ApacheKafkaOptions,
  running: GuardedProcess[],
): Promise<ApacheBroker> {
  const directory = temporaryDirectory('apache-kafka');
  mkdirSync(join(directory, 'data'));
  const file = join(directory, 'server.properties');
  writeFileSync(file, brokerProperties(node, nodes, join(directory, 'data'), { secured, properties }));
  await format(jars, file, secured);
  let process = await startBroker(jars, file, directory);
  running.push(process);
  const address = `127.0.0.1:${node.port}`;
  return {
    id: node.id,
    address,
    pause: () => process.signal('SIGSTOP'),
    resume: () => process.signal('SIGCONT'),
    terminate: () => process.signal('SIGTERM'),
    kill: () => process.kill(),
    restart: async () => {
      await process.stop({ keepDirectory: true });
      running.splice(running.indexOf(process), 1);
      process = await startBroker(jars, file, directory);
      running.push(process);
      await waitUntilRegistered(nodes.map(({ port }) => `127.0.0.1:${port}`).join(','), nodes.length);
    },
  };
}

async function format(jars: string, properties: string, secured: SecuredListener | undefined): Promise<void> {
  const directory = temporaryDirectory('kafka-format');
  const users = secured?.sasl === undefined ? [] : scramUsers(secured.sasl);
  const storage = await startGuarded({
    command: 'java',
    args: [
      ...['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', join(jars, '*')],
      ...['kafka.tools.StorageTool', 'format', '--cluster-id', CLUSTER_ID, '--config', properties],
      ...users.flatMap((user) => ['--add-scram', user]),
    ],
    directory,
  });
  const { code } = await storage.end();
  const output = storage.output();
  await storage.stop();
  if (code !== 0) throw new Error(`The storage of a broker could not be formatted:\n${output}`);
}

function scramUsers({ username, password }: NonNullable<SecuredListener['sasl']>): string[] {
  return ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map(
    (mechanism) => `${mechanism}=[name=${username},password=${password}]`,
  );
}
