import { readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';
import type { KafkaConfig } from 'kafkajs';

import { rejectionOf } from '../../support/failures.js';
import { withKafka } from '../../support/kafka/cluster.js';
import { readTopicWithKcat } from '../../support/kafka/kcat.js';
import { newTopic, sendOne } from '../../support/kafka/short-timeout-client.js';

describe('secured Kafka proxies', () => {
  const credentials = { username: 'analytics,=', password: 'geheim 密码' };

  it('admit a TLS client that trusts their authority and no other client', () =>
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

  it('admit a client that presents the right certificate and no other client', () =>
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

  it('admit a SASL client with the right password and name the failure to others', () =>
    withKafka({ sasl: credentials }, async (kafka) => {
      const topic = newTopic();
      for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
        const sasl = (said: Partial<typeof credentials>) =>
          ({ sasl: { mechanism, ...credentials, ...said } }) as Partial<KafkaConfig>;
        await sendOne(kafka.brokers, topic, sasl({}));
        for (const wrong of [{ password: 'geheim' }, { username: 'another' }, { password: '' }]) {
          expect(await rejectionOf(sendOne(kafka.brokers, topic, sasl(wrong)))).toMatchObject({
            name: 'KafkaJSSASLAuthenticationError',
            message: expect.stringContaining('Invalid username or password'),
          });
        }
      }
      // This client does not authenticate.
      const started = performance.now();
      await expect(sendOne(kafka.brokers, topic)).rejects.toThrow();
      expect(performance.now() - started).toBeLessThan(2_000);
      expect(
        (await readTopicWithKcat(kafka.steadyBrokers, topic, { count: 3 })).messages.map(
          ({ payload }) => payload,
        ),
      ).toEqual(['"v"', '"v"', '"v"']);
    }));

  it('admit a SASL client over TLS', () =>
    withKafka({ tls: true, sasl: credentials }, async (kafka) => {
      const ca = readFileSync(kafka.caFile!, 'utf8');
      await sendOne(kafka.brokers, newTopic(), {
        ssl: { ca },
        sasl: { mechanism: 'scram-sha-512', ...credentials },
      });
    }));
});
