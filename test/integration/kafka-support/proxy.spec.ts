import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Partitioners, type Consumer } from 'kafkajs';

import { rejectionOf } from '../../support/failures.js';
import {
  startKafka,
  startKafkaMock,
  type ProxiedKafka,
  type TestKafka,
} from '../../support/kafka/cluster.js';
import { readTopicWithKcat } from '../../support/kafka/kcat.js';
import { startKafkaProxy } from '../../support/kafka/proxy/proxy.js';
import {
  idempotentProducer,
  newTopic,
  sendOne,
  shortTimeoutClient,
} from '../../support/kafka/short-timeout-client.js';
import { subscribe } from '../../support/kafka/subscriber.js';
import { committedOffset, produceRaw } from '../../support/kafka/topics.js';
import { waitFor } from '../../support/processes.js';

// The mock cluster creates topics with four partitions; another cluster needs num.partitions=4.
const PARTITIONS = [0, 1, 2, 3];

describe('Kafka proxies', () => {
  let kafka: ProxiedKafka;

  beforeAll(async () => {
    kafka = await startKafka();
  });

  afterEach(() => {
    kafka.restore();
    kafka.thaw();
  });

  afterAll(() => kafka.stop());

  it('pass on what an idempotent producer sends, to kafkajs and to kcat', async () => {
    const topic = newTopic();
    const producer = idempotentProducer(kafka.brokers);
    await producer.connect();
    for (const number of [1, 2]) {
      await producer.send({
        topic,
        messages: [{ key: '键', value: JSON.stringify({ number }), headers: { 'event-id': `é-${number}` } }],
      });
    }
    await producer.disconnect();

    const subscriber = await subscribe(kafka.brokers, topic);
    const [first, second] = await subscriber.messages('键', 2);
    await subscriber.close();
    expect(first).toEqual({
      partition: expect.any(Number),
      offset: 0,
      key: '键',
      headers: { 'event-id': 'é-1' },
      value: { number: 1 },
    });
    expect(second).toEqual({ ...first, offset: 1, headers: { 'event-id': 'é-2' }, value: { number: 2 } });

    for (const brokers of [kafka.brokers, kafka.steadyBrokers]) {
      const { lines, messages } = await readTopicWithKcat(brokers, topic, { count: 2 });
      expect(lines).toHaveLength(2);
      expect(lines[0]).toContain('"headers":["event-id","é-1"]');
      expect(messages).toEqual(
        [first!, second!].map(({ value, ...message }) => ({
          ...message,
          topic,
          payload: JSON.stringify(value),
        })),
      );
    }
  });

  it('keep a client on proxies for brokers that it learns of from metadata', async () => {
    const topic = newTopic();
    const steady = kafka.steadyBrokers.split(',');
    const proxy = await startKafkaProxy(steady[0]!);
    try {
      const client = shortTimeoutClient(proxy.brokers);
      const admin = client.admin();
      await admin.connect();
      const { brokers, controller } = await admin.describeCluster();
      await admin.disconnect();
      expect(brokers).toHaveLength(steady.length);
      expect(brokers.map(({ nodeId }) => nodeId)).toContain(controller);

      const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
      const asked = new Set<string>();
      producer.on('producer.network.request', ({ payload }) => asked.add(payload.broker));
      await producer.connect();
      await producer.send({ topic, messages: PARTITIONS.map((partition) => ({ value: 'x', partition })) });
      await producer.disconnect();
      expect(asked.size).toBeGreaterThan(0);
      for (const address of asked) {
        expect(brokers.map(({ host, port }) => `${host}:${port}`)).toContain(address);
        expect(steady).not.toContain(address);
      }
    } finally {
      await proxy.stop();
    }
  });

  it('cut all connections and refuse new ones until they are restored', async () => {
    const topic = newTopic();
    const producer = idempotentProducer(kafka.brokers);
    await producer.connect();
    await producer.send({ topic, messages: [{ value: '1' }] });
    kafka.interrupt();
    const started = performance.now();
    await expect(producer.send({ topic, messages: [{ value: '2' }] })).rejects.toThrow();
    await expect(sendOne(kafka.brokers, topic)).rejects.toThrow();
    expect(performance.now() - started).toBeLessThan(20_000);
    // An observer on the brokers' own ports stays connected.
    await produceRaw(kafka.steadyBrokers, topic, [{ key: null, value: 'steady' }]);
    kafka.restore();
    await sendOne(kafka.brokers, topic);
    await producer.disconnect();
    const { messages } = await readTopicWithKcat(kafka.steadyBrokers, topic, { count: 3 });
    expect(messages.map(({ payload }) => payload).toSorted()).toEqual(['"v"', '1', 'steady']);
  });

  it('leave requests unanswered while the cluster is frozen', () => expectFreezes(kafka));

  it('let the members of a group share a topic and commit their offsets', async () => {
    const topic = newTopic();
    const groupId = `group-${randomUUID()}`;
    const messages = (key: string) =>
      PARTITIONS.map((partition) => ({ key, value: JSON.stringify(partition), partition }));
    await produceRaw(kafka.brokers, topic, messages('first'));
    expect(await committedOffset(kafka.brokers, groupId, topic, 0)).toBe(-1);

    // The consumer of each message, and the partitions of each consumer.
    const seen = new Map<string, string>();
    const assigned = new Map<string, number>();
    const join = async (name: string): Promise<Consumer> => {
      const consumer = shortTimeoutClient(kafka.brokers, { requestTimeout: 10_000 }).consumer({
        groupId,
        heartbeatInterval: 100,
        maxWaitTimeInMs: 50,
        sessionTimeout: 6_000,
      });
      consumer.on('consumer.group_join', ({ payload }) =>
        assigned.set(name, payload.memberAssignment[topic]?.length ?? 0),
      );
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({
        autoCommitThreshold: 1,
        eachMessage: async ({ partition, message }) =>
          void seen.set(`${String(message.key)} ${partition}`, name),
      });
      return consumer;
    };

    const a = await join('a');
    await waitFor(() => seen.size === 4);
    expect(assigned.get('a')).toBe(4);
    const b = await join('b');
    await waitFor(() => assigned.get('a') === 2 && assigned.get('b') === 2, 15_000);
    await produceRaw(kafka.brokers, topic, messages('second'));
    await waitFor(() => seen.size === 8);
    expect(PARTITIONS.map((partition) => seen.get(`second ${partition}`)).toSorted()).toEqual([
      'a',
      'a',
      'b',
      'b',
    ]);
    await waitFor(async () => (await committedOffset(kafka.brokers, groupId, topic, 3)) === 2);
    expect(await committedOffset(kafka.steadyBrokers, groupId, topic, 3)).toBe(2);
    // Both leave together, because one that stays waits for the other to rejoin.
    await Promise.all([a.disconnect(), b.disconnect()]);
  });
});

describe('Kafka proxies before the cluster of KAFKA_BROKERS', () => {
  const set = process.env['KAFKA_BROKERS'];
  let given: TestKafka;

  beforeAll(async () => {
    given = await startKafkaMock();
    process.env['KAFKA_BROKERS'] = given.brokers;
  });

  afterAll(async () => {
    if (set === undefined) delete process.env['KAFKA_BROKERS'];
    else process.env['KAFKA_BROKERS'] = set;
    await given.stop();
  });

  it('freeze for their own clients alone and leave the cluster running when they stop', async () => {
    const kafka = await startKafka();
    expect(kafka.steadyBrokers).toBe(given.brokers);
    await expectFreezes(kafka, async () => {
      await produceRaw(kafka.steadyBrokers, newTopic(), [{ key: null, value: 'steady' }]);
      // Connections are cut while the proxies are frozen.
      kafka.interrupt();
      kafka.restore();
      await expectSilence(kafka);
    });
    await kafka.stop();
    await expect(shortTimeoutClient(kafka.brokers).admin().connect()).rejects.toThrow('ECONNREFUSED');
    await produceRaw(given.brokers, newTopic(), [{ key: null, value: 'x' }]);
  });
});

/** Expects requests to time out, on an open and on a new connection, until the thaw. */
async function expectFreezes(kafka: ProxiedKafka, meanwhile = async () => {}): Promise<void> {
  const topic = newTopic();
  const producer = idempotentProducer(kafka.brokers);
  await producer.connect();
  await producer.send({ topic, messages: [{ value: '1' }] });
  kafka.freeze();
  expect(await rejectionOf(producer.send({ topic, messages: [{ value: '2' }] }))).toMatchObject({
    message: expect.stringContaining('timed out'),
  });
  await expectSilence(kafka);
  await meanwhile();
  kafka.thaw();
  const admin = shortTimeoutClient(kafka.brokers).admin();
  await admin.connect();
  expect((await admin.describeCluster()).brokers.length).toBeGreaterThan(0);
  await admin.disconnect();
  await producer.disconnect();
  await sendOne(kafka.brokers, topic);
}

/** Expects a new connection to be accepted and its request to stay unanswered. */
async function expectSilence({ brokers }: ProxiedKafka): Promise<void> {
  // Retries are off, because kafkajs takes a connection that is still open for an answered one.
  const admin = shortTimeoutClient(brokers, { retry: { retries: 0 } }).admin();
  await expect(admin.connect()).rejects.toThrow(/ApiVersions.* timed out/);
  await admin.disconnect();
}
