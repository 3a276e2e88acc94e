import { readFileSync } from 'node:fs';

import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs';

import type { KafkaConfig } from '../../src/config/kafka.config.js';
import { EventConsumerService } from '../../src/infrastructure/kafka/event-consumer.service.js';
import { KafkaEventTransport } from '../../src/infrastructure/kafka/kafka-event-transport.js';
import type { EventChannel } from '../../src/infrastructure/outbox/event-transport.js';
import { SystemClock } from '../../src/infrastructure/system/system-clock.js';
import { outboundMessage } from '../support/builders.js';
import { rejectionOf } from '../support/failures.js';
import { startApacheKafka, type ApacheBroker, type ApacheKafka } from '../support/kafka/apache/cluster.js';
import { kafkaJars } from '../support/kafka/apache/jars.js';
import { makeCertificates } from '../support/kafka/certificates.js';
import { clientOf } from '../support/kafka/client.js';
import { kafkaConfigOf } from '../support/kafka/config.js';
import { readTopicWithKcat } from '../support/kafka/kcat.js';
import { makeTopic, produceRaw } from '../support/kafka/topics.js';
import { waitFor } from '../support/processes.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);

/** These scenes need brokers that elect leaders, copy records and check rights, which the mock cluster does not. */
const describeOnApacheKafka = kafkaJars() === null ? describe.skip : describe;

describeOnApacheKafka('a cluster of three brokers of Apache Kafka', () => {
  let kafka: ApacheKafka;

  beforeAll(async () => {
    kafka = await startApacheKafka({ brokers: 3 });
  }, 120_000);

  afterAll(() => kafka.stop());

  it('gets new topics with the configured partitions and copies', async () => {
    const config = kafkaConfigOf(kafka.brokers, { newTopics: { partitions: 6, replicationFactor: 3 } });
    const channel = new KafkaEventTransport(config).openChannel();
    await channel.send([outboundMessage()]);
    await channel.close();
    const partitions = await partitionsOf(kafka, config.topicAnalytics);
    expect(partitions.length).toBe(6);
    expect(partitions.every(({ replicas }) => new Set(replicas).size === 3)).toBe(true);
  });

  it('stores each message once a send has succeeded, while the leader of its partition is killed', async () => {
    const config = kafkaConfigOf(kafka.brokers, { newTopics: { partitions: 1, replicationFactor: 3 } });
    const channel = new KafkaEventTransport(config).openChannel();
    let next = 0;
    const sent: string[] = [];
    const sendOne = (): Promise<void> => sendUntilStored(channel, String(next++), sent);
    for (let i = 0; i < 5; i++) await sendOne();
    const leader = await leaderOf(kafka, config.topicAnalytics);
    await leader.kill();
    for (let i = 0; i < 20; i++) await sendOne();
    await leader.restart();
    await channel.close();
    await expectStored(kafka, config.topicAnalytics, sent);
  });

  it('continues on the new partitions of a topic', async () => {
    const config = kafkaConfigOf(kafka.brokers, { newTopics: { partitions: 1, replicationFactor: 3 } });
    const channel = new KafkaEventTransport(config).openChannel();
    const sent: string[] = [];
    await sendUntilStored(channel, 'before', sent);
    const admin = clientOf(kafka.brokers).admin();
    await admin.connect();
    await admin.createPartitions({ topicPartitions: [{ topic: config.topicAnalytics, count: 5 }] });
    await admin.disconnect();
    for (let i = 0; i < 20; i++) await sendUntilStored(channel, `after ${i}`, sent);
    await channel.close();
    await expectStored(kafka, config.topicAnalytics, sent);
  });

  it('creates a topic again that was deleted', async () => {
    const config = kafkaConfigOf(kafka.brokers, { newTopics: { partitions: 2, replicationFactor: 3 } });
    const channel = new KafkaEventTransport(config).openChannel();
    await sendUntilStored(channel, 'lost with its topic', []);
    const admin = clientOf(kafka.brokers).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [config.topicAnalytics] });
    await waitFor(async () => !(await admin.listTopics()).includes(config.topicAnalytics), 20_000);
    await admin.disconnect();
    const sent: string[] = [];
    for (let i = 0; i < 5; i++) await sendUntilStored(channel, `again ${i}`, sent);
    await channel.close();
    await expectStored(kafka, config.topicAnalytics, sent);
  });

  it('delivers every account while the coordinator of the consumer group is killed', async () => {
    const config = kafkaConfigOf(kafka.brokers, { newTopics: { partitions: 3, replicationFactor: 3 } });
    const handled = new Set<string>();
    const consumer = new EventConsumerService(config, new SystemClock(), {
      minBackoffMs: 25,
      sessionTimeoutMs: 6_000,
    });
    await makeTopic(kafka.brokers, config.topicIdentity);
    consumer.start(async ({ value }) => {
      handled.add(String(value));
      return 'handled';
    });
    const numbers = (from: number, to: number): string[] =>
      Array.from({ length: to - from }, (_, i) => String(from + i));
    const produce = (values: readonly string[]): Promise<void> =>
      produceRaw(
        kafka.brokers,
        config.topicIdentity,
        values.map((value) => ({ key: value, value })),
      );
    try {
      await produce(numbers(0, 20));
      await waitFor(() => handled.size === 20, 40_000, { what: 'the accounts before the outage' });
      const coordinator = await coordinatorOf(kafka, config.consumerGroup);
      await coordinator.kill();
      await waitFor(() => produce(numbers(20, 40)).then(() => true), 40_000);
      await waitFor(() => handled.size === 40, 60_000, { what: 'the accounts after the outage' });
      await coordinator.restart();
    } finally {
      await consumer.beforeApplicationShutdown();
    }
  });
});

describeOnApacheKafka('a broker of Apache Kafka with TLS, SASL and access rules', () => {
  const sasl = { username: 'analytics', password: 'secret-of-the-tests' };
  const removals: (() => Promise<void>)[] = [];
  let kafka: ApacheKafka;
  let ca: string;

  beforeAll(async () => {
    const certificates = await makeCertificates(false, removals);
    ca = readFileSync(certificates.caFile, 'utf8');
    kafka = await startApacheKafka({
      secured: { tls: { keyAndCertificateFile: certificates.keyAndCertificateFile }, sasl },
      properties: {
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS',
      },
    });
  }, 120_000);

  afterAll(async () => {
    await kafka.stop();
    for (const remove of removals) await remove();
  });

  const configOf = (
    mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512',
    password = sasl.password,
  ): KafkaConfig =>
    kafkaConfigOf(kafka.securedBrokers ?? '', {
      tls: { ca },
      sasl: { mechanism, username: sasl.username, password },
    });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'accepts messages of a client that authenticates with %s and has rights, and no other',
    async (mechanism) => {
      const config = configOf(mechanism);
      const transport = new KafkaEventTransport(config);
      const channel = transport.openChannel();
      await makeTopic(kafka.brokers, config.topicAnalytics);
      expect(String(await rejectionOf(channel.send([outboundMessage()])))).toMatch(/authoriz/i);
      await allow(kafka, config.topicAnalytics, ['Describe', 'Write']);
      const sent: string[] = [];
      await sendUntilStored(channel, 'allowed', sent);
      await channel.close();
      await expectStored(kafka, config.topicAnalytics, sent);

      const stranger = new KafkaEventTransport(configOf(mechanism, 'wrong')).openChannel();
      expect(String(await rejectionOf(stranger.send([outboundMessage()])))).toMatch(/auth/i);
      await stranger.close();
    },
  );

  it('refuses a client that trusts another authority', async () => {
    const channel = new KafkaEventTransport({ ...configOf('plain'), tls: {} }).openChannel();
    expect(String(await rejectionOf(channel.send([outboundMessage()])))).toMatch(/certificate/i);
    await channel.close();
  });

  async function allow(
    cluster: ApacheKafka,
    topic: string,
    operations: readonly ('Describe' | 'Write')[],
  ): Promise<void> {
    const admin = clientOf(cluster.brokers).admin();
    await admin.connect();
    await admin.createAcls({
      acl: operations.map((operation) => ({
        resourceType: AclResourceTypes.TOPIC,
        resourceName: topic,
        resourcePatternType: ResourcePatternTypes.LITERAL,
        principal: `User:${sasl.username}`,
        host: '*',
        operation: operation === 'Write' ? AclOperationTypes.WRITE : AclOperationTypes.DESCRIBE,
        permissionType: AclPermissionTypes.ALLOW,
      })),
    });
    await admin.disconnect();
  }
});

/** Sends one message until the transport acknowledges it, as the outbox does. */
async function sendUntilStored(channel: EventChannel, name: string, sent: string[]): Promise<void> {
  const message = outboundMessage({ payload: { name } });
  await waitFor(() => channel.send([message]).then(() => true), 60_000, {
    what: `message ${name} is stored`,
  });
  sent.push(name);
}

/** Expects every sent message at least once; a send that failed may have been stored as well. */
async function expectStored(kafka: ApacheKafka, topic: string, sent: readonly string[]): Promise<void> {
  const { messages } = await readTopicWithKcat(kafka.brokers, topic, {
    count: sent.length,
    timeoutMs: 30_000,
  });
  const names = messages.map(
    ({ payload }) => (JSON.parse(payload ?? '') as { payload: { name: string } }).payload.name,
  );
  expect([...new Set(names)].sort()).toEqual([...sent].sort());
}

async function partitionsOf(kafka: ApacheKafka, topic: string) {
  const admin = clientOf(kafka.brokers).admin();
  await admin.connect();
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions ?? [];
  } finally {
    await admin.disconnect();
  }
}

async function leaderOf(kafka: ApacheKafka, topic: string): Promise<ApacheBroker> {
  const [partition] = await partitionsOf(kafka, topic);
  return nodeOf(kafka, partition?.leader);
}

async function coordinatorOf(kafka: ApacheKafka, groupId: string): Promise<ApacheBroker> {
  const partitions = await partitionsOf(kafka, '__consumer_offsets');
  const own = partitions.find(
    ({ partitionId }) => partitionId === Math.abs(javaHashOf(groupId)) % partitions.length,
  );
  return nodeOf(kafka, own?.leader);
}

/** Returns the hash by which Apache Kafka assigns a group to a partition of its offsets. */
function javaHashOf(text: string): number {
  let hash = 0;
  for (const unit of text.split('')) hash = (Math.imul(hash, 31) + unit.charCodeAt(0)) | 0;
  return hash;
}

function nodeOf(kafka: ApacheKafka, id: number | undefined): ApacheBroker {
  const node = kafka.nodes.find((one) => one.id === id);
  if (node === undefined) throw new Error(`The cluster has no broker ${id}`);
  return node;
}
