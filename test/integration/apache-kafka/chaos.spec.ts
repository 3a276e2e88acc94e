import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Kafka, logLevel } from 'kafkajs';

import type { FaultTargets } from '../../../tools/chaos/nemesis/fault-action.js';
import { ACTIONS } from '../../../tools/chaos/nemesis/nemesis.js';
import type { FaultKind } from '../../../tools/chaos/plan/fault-kinds.js';
import { KafkaStore } from '../../../tools/chaos/stage/kafka-store.js';
import { kafkaJars } from '../../support/kafka/apache/jars.js';
import { partitionsOf } from '../../support/kafka/apache/placement.js';
import { rejectionOf } from '../../support/failures.js';
import { waitFor } from '../../support/processes.js';

const TOPIC = 'analytics-events';
const HEALED_WITHIN_MS = 40_000;

/** The stand-in has no leaders, copies and rights. */
const describeOnApacheKafka = kafkaJars() === null ? describe.skip : describe;

describeOnApacheKafka('the faults of brokers in a chaos run', () => {
  let kafka: KafkaStore;

  beforeAll(async () => {
    kafka = await KafkaStore.start({ isApache: true });
    await waitFor(async () => produce().then(() => true), HEALED_WITHIN_MS);
  }, 120_000);

  afterAll(async () => {
    await kafka.stop();
  });

  it.each<[FaultKind, RegExp]>([
    ['kafka.crash', /ECONN|leader|closed|connect|request/i],
    ['kafka.crash-all', /ECONN|connect/i],
    ['kafka.stop', /ECONN|leader|closed|connect|request/i],
    ['kafka.freeze-leader', /timed out/i],
    ['kafka.no-rights', /authoriz/i],
  ])(
    '%s breaks writes until it is healed',
    async (kind, symptom) => {
      const heal = await begin(kind);
      await waitFor(async () => symptom.test(String(await rejectionOf(produce()))), HEALED_WITHIN_MS, {
        what: `writes fail with ${String(symptom)}`,
      });
      await heal();
      await waitFor(async () => produce().then(() => true), HEALED_WITHIN_MS);
    },
    120_000,
  );

  it('kafka.move-leaders gives each partition another leader', async () => {
    const leaders = async (): Promise<number[]> =>
      (await partitionsOf(kafka.cluster, TOPIC))
        .sort((a, b) => a.partitionId - b.partitionId)
        .map(({ leader }) => leader);
    const before = await leaders();
    await begin('kafka.move-leaders');
    for (const [partition, leader] of (await leaders()).entries()) expect(leader).not.toBe(before[partition]);
  }, 60_000);

  function begin(kind: FaultKind): Promise<() => Promise<void>> {
    const stage = { kafka } as FaultTargets;
    return ACTIONS[kind]({ stage, replica: 0, durationMs: 4_000 });
  }

  /** Writes to every partition, each in one attempt. */
  async function produce(): Promise<void> {
    const { KAFKA_BROKERS, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD } = kafka.settings;
    const producer = new Kafka({
      brokers: KAFKA_BROKERS!.split(','),
      sasl: { mechanism: 'scram-sha-512', username: KAFKA_SASL_USERNAME!, password: KAFKA_SASL_PASSWORD! },
      requestTimeout: 2_500,
      logLevel: logLevel.NOTHING,
    }).producer({ retry: { retries: 0 }, allowAutoTopicCreation: true });
    try {
      await producer.connect();
      const messages = [0, 1, 2, 3].map((partition) => ({ partition, value: 'value' }));
      await producer.send({ topic: TOPIC, messages, timeout: 2_000 });
    } finally {
      await producer.disconnect();
    }
  }
});
