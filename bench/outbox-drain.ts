/**
 * `npm run bench:outbox` compares how fast the relay empties a full outbox with kafkajs alone on the same records.
 * It uses its own durable PostgreSQL, and the Kafka of KAFKA_BROKERS or else librdkafka's mock cluster.
 */
import { Logger } from '@nestjs/common';
import { CompressionTypes, type Message } from 'kafkajs';
import { Client } from 'pg';

import type { KafkaConfig } from '../src/config/kafka.config.js';
import { createKafkaClient } from '../src/infrastructure/kafka/kafka-client.js';
import { KafkaEventTransport } from '../src/infrastructure/kafka/kafka-event-transport.js';
import { partitionOf } from '../src/infrastructure/kafka/partitioner.js';
import { OutboxRelay } from '../src/infrastructure/outbox/outbox-relay.service.js';
import { OutboxRepository } from '../src/infrastructure/outbox/outbox.repository.js';
import { PrismaService } from '../src/infrastructure/persistence/prisma/prisma.service.js';
import { createTestDatabase, prepareServer } from '../test/support/database.js';
import { startKafka } from '../test/support/kafka/cluster.js';
import { kafkaConfigOf } from '../test/support/kafka/config.js';
import { startPostgresServer } from '../test/support/postgres.js';
import { DURABLE } from './support/bench-servers.js';
import { elapsed } from './support/elapsed.js';
import { BENCH_OUTBOX } from './support/outbox-drain-command.js';
import { median } from './support/statistics.js';
import { commandLineOf } from '../tools/support/command-line-of.js';

const BATCH = 1000;

/** Fills the outbox with sessions of 20,000 users, as a flush writes them. */
const FILL_SQL = `
INSERT INTO analytics_outbox (id, aggregatetype, aggregateid, type, payload, occurred_at)
SELECT gen_random_uuid(), 'session', 'u:' || (i % 20000 + 1), 'analytics.session.started',
       jsonb_build_object('userId', (i % 20000 + 1)::text, 'installId', gen_random_uuid()::text,
         'occurredAt', '2026-11-23T01:02:03.456Z',
         'metadata', jsonb_build_object('appVersion', '2.4.0', 'os', 'HarmonyOS', 'osVersion', '5.0.1')),
       now()
FROM generate_series(1, $1::int) AS i
`;

interface OutboxRow {
  readonly id: string;
  readonly aggregateid: string;
  readonly type: string;
  readonly payload: unknown;
  readonly occurred_at: Date;
}

Logger.overrideLogger(['warn', 'error']);
const { rows, rounds } = commandLineOf(BENCH_OUTBOX);
const postgres = await startPostgresServer({ settings: DURABLE });
await prepareServer(postgres.ownerUrl);
const database = await createTestDatabase(postgres.ownerUrl);
const kafka = await startKafka();
const owner = new Client({ connectionString: database.ownerUrl });
await owner.connect();
const prisma = new PrismaService({ url: database.serviceUrl, poolSize: 4 });
try {
  await compareRelayWithKafkajs();
} finally {
  await prisma.onApplicationShutdown();
  await owner.end();
  await kafka.stop();
  await postgres.stop();
}

/** Measures kafkajs and the relay alternately and prints their ratio. */
async function compareRelayWithKafkajs(): Promise<void> {
  const ratios: number[] = [];
  const config = kafkaConfigOf(kafka.brokers, { newTopics: { partitions: 12, replicationFactor: -1 } });
  const transport = new KafkaEventTransport(config);
  for (let round = 1; round <= rounds; round++) {
    await owner.query('TRUNCATE analytics_outbox');
    await owner.query(FILL_SQL, [rows]);
    await owner.query('VACUUM ANALYZE analytics_outbox');
    const { rows: waiting } = await owner.query<OutboxRow>(
      'SELECT * FROM analytics_outbox ORDER BY sequence',
    );
    const alone = await measureRate(() => sendWithKafkajs(config, waiting));
    const relay = new OutboxRelay(new OutboxRepository(prisma), transport);
    const relayed = await measureRate(() => relay.processAll());
    await relay.beforeApplicationShutdown();
    ratios.push(relayed / alone);
    const figures = [alone, relayed].map((figure) => Math.round(figure).toLocaleString('en'));
    console.log(
      `Round ${round}: kafkajs alone ${figures[0]}/s, relay ${figures[1]}/s, ratio ${(relayed / alone).toFixed(2)}`,
    );
  }
  console.log(
    `Ratio, median of ${rounds} rounds of ${rows.toLocaleString('en')} records: ${median(ratios).toFixed(2)}`,
  );
}

/** Sends the same batches from memory, without reading or deleting outbox rows: the limit of the relay. */
async function sendWithKafkajs(config: KafkaConfig, waiting: readonly OutboxRow[]): Promise<number> {
  const producer = createKafkaClient(config).producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner:
      () =>
      ({ message, partitionMetadata }) =>
        partitionOf((message as Message & { subject: string }).subject, partitionMetadata.length),
  });
  await producer.connect();
  try {
    for (let start = 0; start < waiting.length; start += BATCH) {
      await producer.send({
        topic: config.topicAnalytics,
        acks: -1,
        compression: CompressionTypes.GZIP,
        messages: waiting.slice(start, start + BATCH).map((row) => ({
          key: row.type,
          value: JSON.stringify({
            eventType: row.type,
            payload: row.payload,
            occurredAt: row.occurred_at.toISOString(),
          }),
          headers: {
            'event-id': row.id,
            'event-type': row.type,
            'content-type': 'application/json',
          },
          subject: row.aggregateid,
        })),
      });
    }
  } finally {
    await producer.disconnect();
  }
  return waiting.length;
}

/** Returns the records per second of `work`, which returns their number. */
async function measureRate(work: () => Promise<number>): Promise<number> {
  const { result, ms } = await elapsed(work);
  return result / (ms / 1000);
}
