import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';

import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { createKafkaClient } from '../../src/infrastructure/kafka/kafka-client.js';
import { KafkaEventTransport } from '../../src/infrastructure/kafka/kafka-event-transport.js';
import { KafkaProducer } from '../../src/infrastructure/kafka/kafka-producer.js';
import { outboundMessage } from '../support/builders.js';
import { checkAndSend } from '../support/contracts/event-transport/kafka-faults.js';
import type { OpenKafkaTransport } from '../support/contracts/event-transport/kafka-transports.js';
import { isRealKafka, startKafka, withKafka, type ProxiedKafka } from '../support/kafka/cluster.js';
import { kafkaConfigOf } from '../support/kafka/config.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);

let kafka: ProxiedKafka;

beforeAll(async () => {
  kafka = await startKafka();
});

afterAll(() => kafka.stop());

describe('a record for a missing partition', () => {
  it('rejects its call and leaves the producer usable', async () => {
    const config = kafkaConfigOf(kafka.brokers);
    const producer = new KafkaProducer(createKafkaClient(config), config, `test-${randomUUID()}`);
    const record = { subject: 'u:1', key: 'test.gone', value: '{}', headers: {} };
    await producer.send([record]);
    await expect(producer.send([record, { ...record, partition: 99 }])).rejects.toThrow(/no partition 99/);
    await producer.send([record]);
    await producer.close();
  });
});

describe('a topic that cannot be created', () => {
  it('is logged by name with the command that creates it', async () => {
    const lines: string[] = [];
    const unused = (): void => undefined;
    Logger.overrideLogger({
      log: unused,
      error: unused,
      debug: unused,
      warn: (text: string) => lines.push(text),
    });
    try {
      const name = `uncreated-${randomUUID()}`;
      const own = new KafkaEventTransport(
        kafkaConfigOf(kafka.brokers, { topicAnalytics: name }),
      ).openChannel();
      await own.send([outboundMessage()]);
      await own.close();
      // The mock cluster has no CreateTopics; a real one creates the topic and logs no warning.
      if (!isRealKafka()) {
        expect(lines).toEqual([
          expect.stringMatching(
            new RegExp(
              `^Topic ${name} does not exist and could not be created .* kafka-topics.sh --create --topic ${name}`,
            ),
          ),
        ]);
      } else {
        expect(lines).toEqual([]);
      }
    } finally {
      Logger.overrideLogger(false);
    }
  });
});

describe('a Kafka behind TLS and SASL', () => {
  const credentials = { username: 'analytics', password: 'secret of the tests' };

  const open: OpenKafkaTransport = (config) => new KafkaEventTransport(config);

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'accepts messages from a client that authenticates with %s',
    async (mechanism) => {
      await withKafka({ tls: true, sasl: credentials }, async (secured) => {
        const tls = { ca: readFileSync(secured.caFile ?? '', 'utf8') };
        await checkAndSend(open, secured.brokers, { tls, sasl: { mechanism, ...credentials } });
        const wrong = { mechanism, ...credentials, password: 'another' };
        await expect(checkAndSend(open, secured.brokers, { tls, sasl: wrong })).rejects.toThrow(/auth/i);
        await expect(checkAndSend(open, secured.brokers, { tls })).rejects.toThrow();
      });
    },
  );
});
