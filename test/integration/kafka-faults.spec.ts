import { createServer, type AddressInfo } from 'node:net';
import type { ConnectionOptions } from 'node:tls';

import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, describe, it } from '@jest/globals';

import { EventConsumerService } from '../../src/infrastructure/kafka/event-consumer.service.js';
import { KafkaEventTransport } from '../../src/infrastructure/kafka/kafka-event-transport.js';
import { KafkaSockets } from '../../src/infrastructure/kafka/kafka-sockets.js';
import { SystemClock } from '../../src/infrastructure/system/system-clock.js';
import { describeKafkaFaults } from '../support/contracts/event-transport/kafka-faults.js';
import { numbered, recorder } from '../support/event-consumer/scene.js';
import { startKafka, type ProxiedKafka } from '../support/kafka/cluster.js';
import { kafkaConfigOf } from '../support/kafka/config.js';
import { produceRaw } from '../support/kafka/topics.js';
import { waitFor } from '../support/processes.js';
import { waitForRecovery } from '../support/recovery.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);

let kafka: ProxiedKafka;

beforeAll(async () => {
  kafka = await startKafka();
});

afterAll(() => kafka.stop());

describe('connections that fall silent while new ones work', () => {
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
    await waitForRecovery(() => new Set(done).size === 10);
    await consumer.beforeApplicationShutdown();
  }, 60_000);
});

describeKafkaFaults('kafkajs', (config) => new KafkaEventTransport(config));

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
