import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import type { KafkaConfig } from '../../../src/config/kafka.config.js';
import { EventConsumerService } from '../../../src/infrastructure/kafka/event-consumer.service.js';
import { SystemClock } from '../../../src/infrastructure/system/system-clock.js';
import { consumerJoined } from '../../../src/shared/metrics/metrics.js';
import { outboundMessage } from '../../support/builders.js';
import {
  KAFKA_TRANSPORTS,
  type OpenKafkaTransport,
} from '../../support/contracts/event-transport/kafka-transports.js';
import { rejectionOf } from '../../support/failures.js';
import { startApacheKafka, type ApacheKafka } from '../../support/kafka/apache/cluster.js';
import { kafkaJars } from '../../support/kafka/apache/jars.js';
import {
  addPartitions,
  coordinatorOf,
  deleteTopic,
  followerOf,
  leaderOf,
  moveLeaders,
  partitionsOf,
} from '../../support/kafka/apache/placement.js';
import { SentMessages } from '../../support/kafka/apache/stored-messages.js';
import { kafkaConfigOf } from '../../support/kafka/config.js';
import { makeTopic, produceRaw } from '../../support/kafka/topics.js';
import { waitFor } from '../../support/processes.js';
import { RECOVERY_MS } from '../../support/recovery.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);

/** These scenes need brokers that elect leaders and copy records, which the mock cluster does not. */
const describeOnApacheKafka = kafkaJars() === null ? describe.skip : describe;

/** Accounts before an event of the cluster, and accounts after it. */
const HALF = 20;

async function isJoined(topic: string): Promise<boolean> {
  const { values } = await consumerJoined.get();
  return values.some(({ labels, value }) => labels.topic === topic && value === 1);
}

describeOnApacheKafka('a cluster of three brokers of Apache Kafka', () => {
  let kafka: ApacheKafka;

  beforeAll(async () => {
    kafka = await startApacheKafka({ brokers: 3 });
  }, 120_000);

  afterAll(() => kafka.stop());

  interface Scene {
    readonly topic: string;
    readonly sent: SentMessages;
  }

  async function play(
    open: OpenKafkaTransport,
    partitions: number,
    act: (scene: Scene, config: KafkaConfig) => Promise<void>,
  ): Promise<void> {
    const config = kafkaConfigOf(kafka.brokers, { newTopics: { partitions, replicationFactor: 3 } });
    const channel = open(config).openChannel();
    try {
      await act({ topic: config.topicAnalytics, sent: new SentMessages(channel) }, config);
    } finally {
      await channel.close();
    }
  }

  describe.each(KAFKA_TRANSPORTS)('to which $client publishes', ({ open }) => {
    it('creates topics with the configured partitions and copies', () =>
      play(open, 6, async ({ topic, sent }) => {
        await sent.send(1);
        const partitions = await partitionsOf(kafka, topic);
        expect(partitions.length).toBe(6);
        expect(partitions.every(({ replicas }) => new Set(replicas).size === 3)).toBe(true);
      }));

    it(
      'stores each message that was acknowledged while the leader of its partition is killed',
      () =>
        play(open, 1, async ({ topic, sent }) => {
          await sent.send(5);
          const leader = await leaderOf(kafka, topic);
          await leader.kill();
          await sent.send(20);
          await leader.restart();
          await sent.expectStored(kafka, topic);
        }),
      120_000,
    );

    it(
      'follows leaders that move to other brokers',
      () =>
        play(open, 4, async ({ topic, sent }) => {
          await sent.send(10);
          await moveLeaders(kafka, topic);
          await sent.send(20);
          await sent.expectStored(kafka, topic);
        }),
      120_000,
    );

    it(
      'continues on the new partitions of a topic',
      () =>
        play(open, 1, async ({ topic, sent }) => {
          await sent.send(1);
          await addPartitions(kafka, topic, 5);
          await sent.send(20);
          await sent.expectStored(kafka, topic);
        }),
      60_000,
    );

    it(
      'creates a topic again that was deleted',
      () =>
        play(open, 2, async ({ topic, sent }) => {
          await sent.send(1);
          await deleteTopic(kafka, topic);
          await sent.send(5);
          await sent.expectStored(kafka, topic, 5);
        }),
      120_000,
    );
  });

  it('refuses messages while too few copies are in sync, which the check of each client says', async () => {
    const config = kafkaConfigOf(kafka.brokers, { newTopics: { partitions: 1, replicationFactor: 2 } });
    const clients = KAFKA_TRANSPORTS.map(({ open }) => {
      const transport = open(config);
      const channel = transport.openChannel();
      return { transport, channel, sent: new SentMessages(channel) };
    });
    const tooFew = /in-sync replicas/i;
    for (const { sent } of clients) await sent.send(1);
    // A message needs two copies in sync, and the topic has no third.
    const follower = await followerOf(kafka, config.topicAnalytics);
    await follower.kill();
    for (const { transport, channel } of clients) {
      const isRefused = async (): Promise<boolean> =>
        tooFew.test(String(await rejectionOf(channel.send([outboundMessage()]))));
      await waitFor(isRefused, 60_000, { what: 'the leader refuses messages' });
      expect(String(await rejectionOf(transport.check()))).toMatch(tooFew);
    }
    await follower.restart();
    for (const { transport, channel, sent } of clients) {
      await sent.send(1);
      await transport.check();
      await channel.close();
    }
  }, 150_000);

  describe('that the service consumes from', () => {
    let config: KafkaConfig;
    let consumer: EventConsumerService;
    let handled: Set<string>;

    beforeEach(async () => {
      config = kafkaConfigOf(kafka.brokers);
      handled = new Set();
      consumer = new EventConsumerService(config, new SystemClock(), {
        minBackoffMs: 25,
        sessionTimeoutMs: 6_000,
        metadataMaxAgeMs: 500,
      });
      await makeTopic(kafka.brokers, config.topicIdentity);
      consumer.start(({ value }) => {
        handled.add(String(value));
        return Promise.resolve('handled');
      });
      await produce('before');
      await handles('before', HALF);
    }, 60_000);

    afterEach(() => consumer.beforeApplicationShutdown());

    async function produce(name: string, partition?: number): Promise<void> {
      const messages = Array.from({ length: HALF }, (_, i) => ({
        key: `key ${i}`,
        value: `${name} ${i}`,
        ...(partition !== undefined && { partition }),
      }));
      await waitFor(() => produceRaw(kafka.brokers, config.topicIdentity, messages).then(() => true), 40_000);
    }

    async function handles(name: string, count: number): Promise<void> {
      await waitFor(() => [...handled].filter((value) => value.startsWith(name)).length === count, 60_000, {
        what: `the accounts ${name}`,
      });
    }

    it('delivers every account while the coordinator of the group is killed', async () => {
      const coordinator = await coordinatorOf(kafka, config.consumerGroup);
      await coordinator.kill();
      await produce('after');
      await handles('after', HALF);
      await coordinator.restart();
      expect(handled.size).toBe(2 * HALF);
    }, 180_000);

    it('follows leaders that move to other brokers', async () => {
      await moveLeaders(kafka, config.topicIdentity);
      await produce('after');
      await handles('after', HALF);
    }, 120_000);

    it('delivers the accounts of a partition that was added', async () => {
      await addPartitions(kafka, config.topicIdentity, 5);
      await produce('added', 4);
      await handles('added', HALF);
    }, 120_000);

    it('delivers every account of a topic that was deleted and created again', async () => {
      await deleteTopic(kafka, config.topicIdentity);
      // A consumer that has not seen the deletion goes on at its offset in the new topic.
      await waitFor(async () => !(await isJoined(config.topicIdentity)), RECOVERY_MS, {
        what: 'the consumer has left the deleted topic',
      });
      await makeTopic(kafka.brokers, config.topicIdentity);
      await produce('again');
      await produce('more');
      await handles('again', HALF);
      await handles('more', HALF);
    }, 180_000);
  });
});
