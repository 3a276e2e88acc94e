import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';

import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import type { EventChannel } from '../../src/infrastructure/outbox/event-transport.js';
import { EventConsumerService } from '../../src/infrastructure/kafka/event-consumer.service.js';
import { KafkaEventTransport } from '../../src/infrastructure/kafka/kafka-event-transport.js';
import { createKafkaClient } from '../../src/infrastructure/kafka/kafka-client.js';
import { KafkaSockets } from '../../src/infrastructure/kafka/kafka-sockets.js';
import { SystemClock } from '../../src/infrastructure/system/system-clock.js';
import { outboundMessage } from '../support/builders.js';
import { numbered, recorder } from '../support/event-consumer/scene.js';
import { rejectionOf } from '../support/failures.js';
import { startKafka, type ProxiedKafka } from '../support/kafka/cluster.js';
import { kafkaConfigOf } from '../support/kafka/config.js';
import { produceRaw } from '../support/kafka/topics.js';
import { waitFor } from '../support/processes.js';
import { RECOVERY_MS } from '../support/recovery.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);

const TOPIC_AUTHORIZATION_FAILED = 29;
const NOT_ENOUGH_REPLICAS = 19;
const NOT_LEADER_FOR_PARTITION = 6;
const OUT_OF_ORDER_SEQUENCE_NUMBER = 45;
const MESSAGE_TOO_LARGE = 10;

let kafka: ProxiedKafka;

beforeAll(async () => {
  kafka = await startKafka();
});

afterEach(() => {
  kafka.refuseWrites(null);
  kafka.restore();
});

afterAll(() => kafka.stop());

describe('connections that fall silent while new ones work', () => {
  it('are replaced by a sender, and its batch is acknowledged', async () => {
    const channel = new KafkaEventTransport(kafkaConfigOf(kafka.brokers)).openChannel();
    await channel.send([outboundMessage()]);
    kafka.silence();
    await within(RECOVERY_MS, channel.send([outboundMessage()]));
    await channel.close();
  }, 30_000);

  it('are replaced by the consumer', async () => {
    const config = kafkaConfigOf(kafka.brokers);
    const consumer = new EventConsumerService(config, new SystemClock());
    const { done, handle } = recorder();
    const produce = (from: number, to: number) =>
      produceRaw(kafka.steadyBrokers, config.topicIdentity, numbered(from, to));
    await produce(0, 5);
    consumer.start(handle);
    await waitFor(() => done.length === 5, 30_000);
    kafka.silence();
    await produce(5, 10);
    await waitFor(() => new Set(done).size === 10, RECOVERY_MS);
    await consumer.beforeApplicationShutdown();
  }, 60_000);
});

describe('a check of Kafka', () => {
  let transport: KafkaEventTransport;
  let channel: EventChannel;

  async function open(): Promise<void> {
    transport = new KafkaEventTransport(kafkaConfigOf(kafka.brokers));
    channel = transport.openChannel();
    await channel.send([outboundMessage()]);
    await transport.check();
  }

  afterEach(() => channel.close());

  it.each([
    ['the right to write is missing', TOPIC_AUTHORIZATION_FAILED, /authori/i],
    ['too few replicas are in sync', NOT_ENOUGH_REPLICAS, /in-sync replicas/i],
    ['no broker admits to lead', NOT_LEADER_FOR_PARTITION, /leader/i],
    ['the numbers of the producer are rejected', OUT_OF_ORDER_SEQUENCE_NUMBER, /sequence/i],
  ])('fails while writes are refused because %s, and passes after the next one', async (_, error, reason) => {
    await open();
    kafka.refuseWrites(error);
    expect(String(await rejectionOf(channel.send([outboundMessage()])))).toMatch(reason);
    expect(String(await rejectionOf(transport.check()))).toMatch(reason);
    kafka.refuseWrites(null);
    await channel.send([outboundMessage()]);
    await transport.check();
  });

  it('passes after a single batch was refused for its size', async () => {
    await open();
    kafka.refuseWrites(MESSAGE_TOO_LARGE);
    await rejectionOf(channel.send([outboundMessage()]));
    await transport.check();
  });

  it('fails while one broker of three is unreachable', async () => {
    await open();
    const [, second] = kafka.steadyBrokers.split(',');
    kafka.interrupt(second);
    await expect(transport.check()).rejects.toThrow();
    kafka.restore();
    await transport.check();
  }, 30_000);
});

describe('a peer that does not speak the protocol of Kafka', () => {
  it.each([
    ['an answer without a body', Buffer.alloc(4)],
    ['an answer of three bytes', Buffer.from([0, 0, 0, 3, 1, 2, 3])],
    ['an answer of a negative length', Buffer.from([0xff, 0xff, 0xff, 0xf0, 1, 2, 3, 4])],
    ['a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')],
  ])(
    'fails the connection and not the process: %s',
    async (_, answer) => {
      const sockets = new Set<Socket>();
      const server = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.once('data', () => socket.end(answer));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const producer = createKafkaClient(kafkaConfigOf(`127.0.0.1:${port}`)).producer();
      try {
        await expect(producer.connect()).rejects.toThrow();
      } finally {
        await producer.disconnect();
        for (const socket of sockets) socket.destroy();
        server.close();
      }
    },
    30_000,
  );
});

describe('a connection that is ended towards a silent peer', () => {
  it('is gone although the peer does not close its side', async () => {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const sockets = new KafkaSockets(1_000);
    await new Promise<void>((resolve) => {
      const socket = sockets.open({
        host: '127.0.0.1',
        port,
        ssl: undefined as unknown as ConnectionOptions,
        onConnect: () => {
          socket.end();
          resolve();
        },
      });
    });
    await waitFor(() => sockets.size === 0, 10_000);
    server.close();
  });
});

async function within(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${limitMs} ms`)), limitMs);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
