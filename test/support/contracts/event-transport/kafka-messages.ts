import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { partitionOf } from '../../../../src/infrastructure/kafka/partitioner.js';
import type { EventChannel, EventTransport } from '../../../../src/infrastructure/outbox/event-transport.js';
import { NOON, outboundMessage } from '../../builders.js';
import { eventSchemaErrors } from '../../event-schemas.js';
import { startKafka, type ProxiedKafka } from '../../kafka/cluster.js';
import { kafkaConfigOf } from '../../kafka/config.js';
import { readTopicWithKcat } from '../../kafka/kcat.js';
import { subscribe, type Subscriber } from '../../kafka/subscriber.js';
import type { OpenKafkaTransport } from './kafka-transports.js';

/** Describes the messages that every client library stores in Kafka, and what becomes of a send in an outage. */
export function describeKafkaMessages(client: string, open: OpenKafkaTransport): void {
  describe(`messages by ${client}`, () => {
    const topic = `test-${randomUUID()}`;
    let kafka: ProxiedKafka;
    let subscriber: Subscriber;
    let transport: EventTransport;
    let channel: EventChannel;

    const openTransport = (toTopic = topic): EventTransport =>
      open(kafkaConfigOf(kafka.brokers, { topicAnalytics: toTopic }));

    beforeAll(async () => {
      kafka = await startKafka();
      subscriber = await subscribe(kafka.steadyBrokers, topic);
    });

    beforeEach(() => {
      transport = openTransport();
      channel = transport.openChannel();
    });

    afterEach(async () => {
      kafka.restore();
      await channel.close();
    });

    afterAll(async () => {
      await subscriber.close();
      await kafka.stop();
    });

    it('have the event type as their key and name their type and content in headers', async () => {
      const message = outboundMessage({
        eventType: 'test.form',
        payload: { userId: '9223372036854775807', installId: '省-install', nested: { none: null } },
      });
      await channel.send([message]);
      expect(await subscriber.messages('test.form', 1)).toEqual([
        {
          partition: expect.any(Number),
          offset: expect.any(Number),
          key: 'test.form',
          headers: {
            'event-id': message.eventId,
            'event-type': 'test.form',
            'content-type': 'application/json',
          },
          value: {
            eventType: 'test.form',
            payload: { userId: '9223372036854775807', installId: '省-install', nested: { none: null } },
            occurredAt: NOON,
          },
        },
      ]);
    });

    it('keep the order of their subject in the partition of the subject', async () => {
      const subjects = ['u:1', 'u:2', 'u:3', 'i:1', 'i:省份', 'd:2025-06-15', 'u:9223372036854775807'];
      for (let round = 0; round < 5; round++) {
        await channel.send(
          subjects.flatMap((subject) =>
            [0, 1, 2].map((i) =>
              outboundMessage({
                eventType: 'test.order',
                subject,
                payload: { subject, number: round * 3 + i },
              }),
            ),
          ),
        );
      }
      const received = await subscriber.messages('test.order', subjects.length * 15);
      const partitions = new Set<number>();
      for (const subject of subjects) {
        const own = received.map(({ partition, value }) => {
          const { payload } = value as { payload: { subject: string; number: number } };
          return { partition, ...payload };
        });
        const ofSubject = own.filter((message) => message.subject === subject);
        expect(ofSubject.map(({ number }) => number)).toEqual(Array.from({ length: 15 }, (_, i) => i));
        const [partition] = new Set(ofSubject.map((message) => message.partition));
        expect(ofSubject.every((message) => message.partition === partition)).toBe(true);
        expect(partition).toBe(partitionOf(subject, 4));
        partitions.add(partition!);
      }
      expect(partitions.size).toBeGreaterThan(1);
    });

    it('are valid JSON with 64-bit ids intact for a client written in C', async () => {
      const name = `kcat-${randomUUID()}`;
      const own = openTransport(name).openChannel();
      const ids = ['9223372036854775807', '9007199254740993', '1'];
      await own.send(
        ids.map((userId) =>
          outboundMessage({
            eventType: 'analytics.session.started',
            subject: `u:${userId}`,
            payload: { userId, installId: '省-install-1', occurredAt: NOON, metadata: { os: 'HarmonyOS' } },
          }),
        ),
      );
      await own.close();
      const { messages } = await readTopicWithKcat(kafka.steadyBrokers, name, { count: ids.length });
      const values = messages.map(
        ({ payload }) => JSON.parse(payload ?? '') as { payload: { userId: string } },
      );
      expect(values.flatMap((value) => eventSchemaErrors(value))).toEqual([]);
      expect(values.map(({ payload }) => payload.userId).sort()).toEqual([...ids].sort());
      expect(messages.map(({ key }) => key)).toEqual(ids.map(() => 'analytics.session.started'));
      expect(messages[0]?.headers).toMatchObject({ 'content-type': 'application/json' });
    });

    it('keep their order when a batch above the broker’s limit is split', async () => {
      const text = randomUUID().repeat(100);
      const messages = Array.from({ length: 500 }, (_, number) =>
        outboundMessage({ eventType: 'test.large', payload: { number, text: text + String(number) } }),
      );
      await channel.send(messages);
      const received = await subscriber.messages('test.large', 500);
      expect(received.map(({ value }) => (value as { payload: { number: number } }).payload.number)).toEqual(
        messages.map((_, number) => number),
      );
    });

    it('are uncompressed when the configuration says none', async () => {
      const plain = open(
        kafkaConfigOf(kafka.brokers, { topicAnalytics: topic, compression: 'none' }),
      ).openChannel();
      await plain.send([outboundMessage({ eventType: 'test.plain' })]);
      await plain.close();
      await subscriber.messages('test.plain', 1);
    });

    it('wait for the send before them and are stored after its failure', async () => {
      kafka.interrupt();
      const failing = channel.send([outboundMessage({ eventType: 'test.turn', payload: { number: 1 } })]);
      const following = channel.send([outboundMessage({ eventType: 'test.turn', payload: { number: 2 } })]);
      await expect(failing).rejects.toThrow();
      kafka.restore();
      await following;
      expect(await subscriber.messages('test.turn', 1)).toMatchObject([
        { value: { payload: { number: 2 } } },
      ]);
    });

    it('are rejected during an outage and accepted after it', async () => {
      const [before, during] = [
        outboundMessage({ eventType: 'test.outage' }),
        outboundMessage({ eventType: 'test.outage' }),
      ];
      await channel.send([before]);
      kafka.interrupt();
      await expect(channel.send([during])).rejects.toThrow();
      await expect(channel.send([during])).rejects.toThrow();
      kafka.restore();
      await channel.send([during]);
      const ids = (await subscriber.messages('test.outage', 2)).map(({ headers }) => headers['event-id']);
      expect(new Set(ids)).toEqual(new Set([before.eventId, during.eventId]));
    });

    it('fail the check of a transport that was connected before the outage', async () => {
      await transport.check();
      await channel.send([outboundMessage()]);
      kafka.interrupt();
      await expect(transport.check()).rejects.toThrow();
      kafka.restore();
      await expect(transport.check()).resolves.toBeUndefined();
    });
  });
}
