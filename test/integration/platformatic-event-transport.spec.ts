import { randomUUID } from 'node:crypto';

import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, describe } from '@jest/globals';

import { PlatformaticEventTransport } from '../../src/infrastructure/kafka/platformatic/platformatic-event-transport.js';
import { describeEventTransport } from '../support/contracts/event-transport/contract.js';
import { describeKafkaFaults } from '../support/contracts/event-transport/kafka-faults.js';
import { describeKafkaMessages } from '../support/contracts/event-transport/kafka-messages.js';
import type { OpenKafkaTransport } from '../support/contracts/event-transport/kafka-transports.js';
import { isRealKafka, startKafka, type ProxiedKafka } from '../support/kafka/cluster.js';
import { kafkaConfigOf } from '../support/kafka/config.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);

const open: OpenKafkaTransport = (config) => new PlatformaticEventTransport(config);

/** The library speaks versions of the protocol that the mock cluster does not have. */
const describeOnApacheKafka = isRealKafka() ? describe : describe.skip;

describeOnApacheKafka('@platformatic/kafka', () => {
  let kafka: ProxiedKafka;

  beforeAll(async () => {
    kafka = await startKafka();
  });

  afterAll(() => kafka.stop());

  describeEventTransport('platformatic', async () => ({
    open: () => open(kafkaConfigOf(kafka.brokers, { topicAnalytics: `contract-${randomUUID()}` })),
    close: async () => {},
  }));

  describeKafkaMessages('platformatic', open);
  describeKafkaFaults('platformatic', open);
});
