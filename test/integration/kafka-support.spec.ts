import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel, Partitioners, type Consumer, type KafkaConfig, type Producer } from 'kafkajs';

import { rejectionOf } from '../support/failures.js';
import {
  startKafka,
  startKafkaMock,
  type KafkaOptions,
  type ProxiedKafka,
  type TestKafka,
} from '../support/kafka/cluster.js';
import { readTopicWithKcat } from '../support/kafka/kcat.js';
import { startKafkaProxy, type KafkaProxy } from '../support/kafka/proxy/proxy.js';
import { frameOf, int16, int32 } from '../support/kafka/proxy/wire.js';
import { subscribe } from '../support/kafka/subscriber.js';
import { committedOffset, produceRaw } from '../support/kafka/topics.js';
import { waitFor } from '../support/processes.js';

// As the mock cluster has them; another needs num.partitions=4.
const PARTITIONS = [0, 1, 2, 3];
const newTopic = () => `support-${randomUUID()}`;

function clientOf(brokers: string, config: Partial<KafkaConfig> = {}): Kafka {
  return new Kafka({
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 500,
    authenticationTimeout: 500,
    requestTimeout: 500,
    retry: { retries: 1, initialRetryTime: 100, maxRetryTime: 200 },
    ...config,
  });
}

function idempotentProducer(brokers: string, config: Partial<KafkaConfig> = {}): Producer {
  return clientOf(brokers, config).producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
}

/** Connects, sends a message and disconnects. */
async function sendOne(brokers: string, topic: string, config: Partial<KafkaConfig> = {}): Promise<void> {
  const producer = idempotentProducer(brokers, config);
  try {
    await producer.connect();
    await producer.send({ topic, messages: [{ key: 'k', value: '"v"' }] });
  } finally {
    await producer.disconnect();
  }
}

describe('behind the proxies', () => {
  let kafka: ProxiedKafka;

  beforeAll(async () => {
    kafka = await startKafka();
  });

  afterEach(() => {
    kafka.restore();
    kafka.thaw();
  });

  afterAll(() => kafka.stop());

  it('an idempotent producer writes what kafkajs and kcat read, before the proxies and behind them', async () => {
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

  it('a client stays there, also with brokers that it hears of from the first', async () => {
    const topic = newTopic();
    const steady = kafka.steadyBrokers.split(',');
    const proxy = await startKafkaProxy(steady[0]!);
    try {
      const client = clientOf(proxy.brokers);
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

  it('all connections are cut and new ones refused, until they are restored', async () => {
    const topic = newTopic();
    const producer = idempotentProducer(kafka.brokers);
    await producer.connect();
    await producer.send({ topic, messages: [{ value: '1' }] });
    kafka.interrupt();
    const started = performance.now();
    await expect(producer.send({ topic, messages: [{ value: '2' }] })).rejects.toThrow();
    await expect(sendOne(kafka.brokers, topic)).rejects.toThrow();
    expect(performance.now() - started).toBeLessThan(3_000);
    // Who watches is not concerned.
    await produceRaw(kafka.steadyBrokers, topic, [{ key: null, value: 'steady' }]);
    kafka.restore();
    await sendOne(kafka.brokers, topic);
    await producer.disconnect();
    const { messages } = await readTopicWithKcat(kafka.steadyBrokers, topic, { count: 3 });
    expect(messages.map(({ payload }) => payload).toSorted()).toEqual(['"v"', '1', 'steady']);
  });

  it('nothing is answered while the cluster is frozen', () => expectFreezes(kafka));

  it('the members of a group share a topic, and what they have committed is told', async () => {
    const topic = newTopic();
    const groupId = `group-${randomUUID()}`;
    const messages = (key: string) =>
      PARTITIONS.map((partition) => ({ key, value: JSON.stringify(partition), partition }));
    await produceRaw(kafka.brokers, topic, messages('first'));
    expect(await committedOffset(kafka.brokers, groupId, topic, 0)).toBe(-1);

    // Who has had which message, and how many partitions
    const seen = new Map<string, string>();
    const assigned = new Map<string, number>();
    const join = async (name: string): Promise<Consumer> => {
      const consumer = clientOf(kafka.brokers, { requestTimeout: 10_000 }).consumer({
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
    // Together: whoever stayed would wait for the other to come back.
    await Promise.all([a.disconnect(), b.disconnect()]);
  });
});

describe('a cluster that is given', () => {
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

  it('is put behind proxies, freezes there for those behind them alone, and goes on in the end', async () => {
    const kafka = await startKafka();
    expect(kafka.steadyBrokers).toBe(given.brokers);
    await expectFreezes(kafka, async () => {
      await produceRaw(kafka.steadyBrokers, newTopic(), [{ key: null, value: 'steady' }]);
      // Cut while it is frozen
      kafka.interrupt();
      kafka.restore();
      await expectSilence(kafka);
    });
    await kafka.stop();
    await expect(clientOf(kafka.brokers).admin().connect()).rejects.toThrow('ECONNREFUSED');
    await produceRaw(given.brokers, newTopic(), [{ key: null, value: 'x' }]);
  });
});

/** Requests time out, of a connection that is open and of a new one, until it is thawed. */
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
  const admin = clientOf(kafka.brokers).admin();
  await admin.connect();
  expect((await admin.describeCluster()).brokers.length).toBeGreaterThan(0);
  await admin.disconnect();
  await producer.disconnect();
  await sendOne(kafka.brokers, topic);
}

/** A new connection is accepted, and not answered. */
async function expectSilence({ brokers }: ProxiedKafka): Promise<void> {
  // On its second try kafkajs takes an open connection for one that has been answered.
  const admin = clientOf(brokers, { retry: { retries: 0 } }).admin();
  await expect(admin.connect()).rejects.toThrow(/ApiVersions.* timed out/);
  await admin.disconnect();
}

describe('what is written and read on the side', () => {
  let kafka: ProxiedKafka;

  beforeAll(async () => {
    kafka = await startKafka();
  });

  afterAll(() => kafka.stop());

  it('arrives byte by byte as it was given', async () => {
    const topic = newTopic();
    const poison = Buffer.from([0xff, 0x00, 0xfe, 0x7b, 0x0a]);
    await produceRaw(kafka.steadyBrokers, topic, [
      { key: null, value: poison, headers: { 'event-id': Buffer.from([0xc3, 0x28]) }, partition: 0 },
      { key: 'tombstone', value: null, partition: 0 },
      { key: Buffer.from('text'), value: '{"half":', headers: { 'event-type': 'x' }, partition: 0 },
    ]);

    const consumer = clientOf(kafka.steadyBrokers, { requestTimeout: 10_000 }).consumer({
      groupId: `raw-${topic}`,
      maxWaitTimeInMs: 50,
    });
    const values: (Buffer | null)[] = [];
    const headers: unknown[] = [];
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        values.push(message.value);
        headers.push(message.headers);
      },
    });
    await waitFor(() => values.length === 3);
    await consumer.disconnect();
    expect(values).toEqual([poison, null, Buffer.from('{"half":')]);
    expect(headers[0]).toEqual({ 'event-id': Buffer.from([0xc3, 0x28]) });

    const { messages } = await readTopicWithKcat(kafka.steadyBrokers, topic, { count: 3 });
    expect(messages.slice(1)).toEqual([
      { topic, partition: 0, offset: 1, key: 'tombstone', payload: null, headers: {} },
      { topic, partition: 0, offset: 2, key: 'text', payload: '{"half":', headers: { 'event-type': 'x' } },
    ]);
  });

  it('makes a subscriber fail that finds what is no JSON, or not valid', async () => {
    const [topic, other] = [newTopic(), newTopic()];
    await produceRaw(kafka.steadyBrokers, topic, [{ key: 'k', value: '{"half":', partition: 2 }]);
    await produceRaw(kafka.steadyBrokers, other, [{ key: 'k', value: '1', partition: 0 }]);
    const [plain, strict] = await Promise.all([
      subscribe(kafka.steadyBrokers, topic),
      subscribe(kafka.steadyBrokers, other, { validate: ({ value }) => expect(value).toBe(2) }),
    ]);
    await expect(plain.messages('k', 1)).rejects.toThrow(`${topic}, partition 2, offset 0: SyntaxError`);
    await expect(plain.close()).rejects.toThrow('SyntaxError');
    await expect(strict.messages('k', 1)).rejects.toThrow('partition 0, offset 0: Error: expect');
    expect(strict.received).toHaveLength(1);
    await expect(strict.close()).rejects.toThrow('Error: expect');
  });

  it('is had for good by the group that has read it', async () => {
    const topic = newTopic();
    const groupId = `named-${topic}`;
    await produceRaw(kafka.steadyBrokers, topic, [{ key: 'k', value: '1', partition: 3 }]);
    const subscriber = await subscribe(kafka.steadyBrokers, topic, { groupId });
    expect(await subscriber.messages('k', 1)).toMatchObject([{ partition: 3, offset: 0, value: 1 }]);
    await subscriber.close();
    expect(await committedOffset(kafka.steadyBrokers, groupId, topic, 3)).toBe(1);
    expect(await committedOffset(kafka.steadyBrokers, groupId, topic, 0)).toBe(-1);
  });

  it('is missed in time by kcat when it is not there', async () => {
    const topic = newTopic();
    await produceRaw(kafka.steadyBrokers, topic, [{ key: null, value: 'only' }]);
    await expect(
      readTopicWithKcat(kafka.steadyBrokers, topic, { count: 2, timeoutMs: 1_000 }),
    ).rejects.toThrow(/not within 1000 ms[^]*only/);
  });
});

describe('guarded', () => {
  const credentials = { username: 'analytics,=', password: 'geheim 密码' };

  async function withKafka(
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

  it('by TLS, admits who knows the authority, and shows nothing to others', () =>
    withKafka({ tls: true }, async (kafka) => {
      const topic = newTopic();
      const ca = readFileSync(kafka.caFile!, 'utf8');
      await sendOne(kafka.brokers, topic, { ssl: { ca } });
      await sendOne(kafka.brokers.replaceAll('127.0.0.1', 'localhost'), topic, { ssl: { ca } });
      expect(await rejectionOf(sendOne(kafka.brokers, topic, { ssl: true }))).toMatchObject({
        message: expect.stringContaining('self-signed certificate'),
      });
      await expect(sendOne(kafka.brokers, topic)).rejects.toThrow();
      kafka.interrupt();
      await expect(sendOne(kafka.brokers, topic, { ssl: { ca } })).rejects.toThrow();
      kafka.restore();
      await sendOne(kafka.brokers, topic, { ssl: { ca } });
      await readTopicWithKcat(kafka.steadyBrokers, topic, { count: 3 });
    }));

  it('by client certificates, admits who shows the right one', () =>
    withKafka({ tls: true, clientCertificates: true }, async (kafka) => {
      const topic = newTopic();
      const ca = readFileSync(kafka.caFile!, 'utf8');
      const [cert, key] = [readFileSync(kafka.certFile!, 'utf8'), readFileSync(kafka.keyFile!, 'utf8')];
      await sendOne(kafka.brokers, topic, { ssl: { ca, cert, key } });
      await expect(sendOne(kafka.brokers, topic, { ssl: { ca } })).rejects.toThrow();
      await withKafka({ tls: true, clientCertificates: true }, async (other) => {
        const [wrong, wrongKey] = [readFileSync(other.certFile!), readFileSync(other.keyFile!)];
        await expect(
          sendOne(kafka.brokers, topic, { ssl: { ca, cert: wrong, key: wrongKey } }),
        ).rejects.toThrow();
      });
    }));

  it('by SASL, admits who knows the password, and says so to others', () =>
    withKafka({ sasl: credentials }, async (kafka) => {
      const topic = newTopic();
      for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
        const sasl = (said: Partial<typeof credentials>) =>
          ({ sasl: { mechanism, ...credentials, ...said } }) as Partial<KafkaConfig>;
        await sendOne(kafka.brokers, topic, sasl({}));
        for (const wrong of [{ password: 'geheim' }, { username: 'somebody' }, { password: '' }]) {
          expect(await rejectionOf(sendOne(kafka.brokers, topic, sasl(wrong)))).toMatchObject({
            name: 'KafkaJSSASLAuthenticationError',
            message: expect.stringContaining('Invalid username or password'),
          });
        }
      }
      // Without having authenticated
      const started = performance.now();
      await expect(sendOne(kafka.brokers, topic)).rejects.toThrow();
      expect(performance.now() - started).toBeLessThan(2_000);
      expect(
        (await readTopicWithKcat(kafka.steadyBrokers, topic, { count: 3 })).messages.map(
          ({ payload }) => payload,
        ),
      ).toEqual(['"v"', '"v"', '"v"']);
    }));

  it('by SASL over TLS', () =>
    withKafka({ tls: true, sasl: credentials }, async (kafka) => {
      const ca = readFileSync(kafka.caFile!, 'utf8');
      await sendOne(kafka.brokers, newTopic(), {
        ssl: { ca },
        sasl: { mechanism: 'scram-sha-512', ...credentials },
      });
    }));
});

describe('what brokers say of themselves', () => {
  const BROKERS: readonly BrokerAddress[] = [
    { id: 4, host: 'b', port: 1 },
    { id: 5, host: 'broker-5.kafka.svc.cluster.local', port: 9092 },
    { id: 6, host: '::1', port: 9093 },
  ];
  let fake: FakeBroker;
  let proxy: KafkaProxy;
  let proxies: readonly BrokerAddress[];

  beforeAll(async () => {
    fake = await startFakeBroker();
    const [, second, third] = BROKERS;
    // The fake stands in for the first, whose address is of no use for connecting.
    proxy = await startKafkaProxy(
      `127.0.0.1:${fake.port},b:1,${second!.host}:${second!.port},[${third!.host}]:${third!.port}`,
    );
    const ports = proxy.brokers.split(',').map((address) => Number(address.split(':')[1]));
    proxies = BROKERS.map(({ id }, i) => ({ id, host: '127.0.0.1', port: ports[i + 1]! }));
  });

  afterAll(async () => {
    await proxy.stop();
    fake.close();
  });

  /** What comes through the proxy of a request that the fake answers with this body; null when it cuts. */
  async function pass(key: number, version: number, answer: Buffer): Promise<Buffer | null> {
    fake.answerWith(answer);
    const socket = connect(Number(proxy.brokers.split(',')[0]!.split(':')[1]), '127.0.0.1');
    const chunks: Buffer[] = [];
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const answered = new Promise<void>((resolve) => {
      socket.on('data', (chunk) => {
        chunks.push(chunk);
        const all = Buffer.concat(chunks);
        if (all.length >= 4 && all.length >= 4 + all.readInt32BE()) resolve();
      });
    });
    socket.write(frameOf(int16(key), int16(version), int32(CORRELATION), text('client'), Buffer.alloc(8)));
    await Promise.race([answered, closed]);
    socket.destroy();
    if (chunks.length === 0) return null;
    const all = Buffer.concat(chunks);
    expect(all.readInt32BE(0)).toBe(all.length - 4);
    expect(all.readInt32BE(4)).toBe(CORRELATION);
    return all.subarray(8);
  }

  const metadata = (version: number, brokers: readonly BrokerAddress[], controller: number): Buffer =>
    Buffer.concat([
      ...(version >= 3 ? [int32(7)] : []),
      int32(brokers.length),
      ...brokers.flatMap(({ id, host, port }) => [
        int32(id),
        text(host),
        int32(port),
        ...(version >= 1 ? [id === 5 ? text('rack') : int16(-1)] : []),
      ]),
      ...(version >= 2 ? [text('cluster')] : []),
      ...(version >= 1 ? [int32(controller)] : []),
      Buffer.from('topics'),
    ]);

  const coordinator = (version: number, { id, host, port }: BrokerAddress, error = 0): Buffer =>
    Buffer.concat([
      ...(version >= 1 ? [int32(7), int16(error), int16(-1)] : [int16(error)]),
      ...[int32(id), text(host), int32(port)],
    ]);

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])('names the proxies in metadata, version %i', async (version) => {
    expect(await pass(3, version, metadata(version, BROKERS, 5))).toEqual(metadata(version, proxies, 5));
    // A controller that does not exist
    expect(await pass(3, version, metadata(version, BROKERS, 0))).toEqual(metadata(version, proxies, 4));
    expect(await pass(3, version, metadata(version, [], -1))).toEqual(metadata(version, [], -1));
  });

  it.each([0, 1, 2])('names the proxy of a coordinator, version %i', async (version) => {
    expect(await pass(10, version, coordinator(version, BROKERS[1]!))).toEqual(
      coordinator(version, proxies[1]!),
    );
    const none = coordinator(version, { id: -1, host: '', port: -1 }, 15);
    expect(await pass(10, version, none)).toEqual(none);
  });

  it('offers no version that the proxy cannot read, and takes none', async () => {
    const ranges = (...all: (readonly [number, number, number])[]): Buffer =>
      Buffer.concat([int32(all.length), ...all.flat().map(int16)]);
    const [head, tail] = [int16(0), int32(7)];
    expect(
      await pass(
        18,
        2,
        Buffer.concat([head, ranges([1, 4, 17], [3, 0, 13], [10, 0, 6], [17, 0, 1], [18, 0, 4]), tail]),
      ),
    ).toEqual(Buffer.concat([head, ranges([1, 4, 17], [3, 0, 8], [10, 0, 2], [18, 0, 2]), tail]));
    expect(await pass(18, 3, Buffer.alloc(0))).toEqual(Buffer.concat([int16(35), ranges([18, 0, 2])]));
    expect(await pass(3, 9, Buffer.alloc(40))).toBeNull();
  });

  it('passes by otherwise as it is, and what is none of Kafka’s language is cut', async () => {
    const large = Buffer.alloc(3_000_000, 'fetched');
    expect((await pass(1, 11, large))?.equals(large)).toBe(true);
    const socket = connect(Number(proxy.brokers.split(',')[0]!.split(':')[1]), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
  });
});

interface BrokerAddress {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

const CORRELATION = 4711;

interface FakeBroker {
  readonly port: number;
  answerWith(body: Buffer): void;
  close(): void;
}

/** Answers whatever it is asked with the body it has been given. */
async function startFakeBroker(): Promise<FakeBroker> {
  let answer = Buffer.alloc(0);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write(frameOf(int32(CORRELATION), answer)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    answerWith: (body) => void (answer = Buffer.from(body)),
    close: () => server.close(),
  };
}

function text(value: string): Buffer {
  return Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
}
