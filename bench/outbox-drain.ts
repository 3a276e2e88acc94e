/**
 * `npm run bench:outbox` compares how fast the relay empties a full outbox, by each client library, with kafkajs alone.
 * It has a durable PostgreSQL of its own, and the Kafka of KAFKA_BROKERS, an Apache Kafka of its own or the mock.
 */
import { Logger } from '@nestjs/common';
import { CompressionTypes, type Message } from 'kafkajs';
import { Client } from 'pg';

import type { KafkaConfig } from '../src/config/kafka.config.js';
import { KAFKA_CLIENTS } from '../src/config/variables/kafka.variables.js';
import { createKafkaClient } from '../src/infrastructure/kafka/kafka-client.js';
import { openKafkaTransport } from '../src/infrastructure/kafka/open-kafka-transport.js';
import { partitionOf } from '../src/infrastructure/kafka/partitioner.js';
import { OutboxRelay } from '../src/infrastructure/outbox/outbox-relay.service.js';
import { OutboxRepository } from '../src/infrastructure/outbox/outbox.repository.js';
import { PrismaService } from '../src/infrastructure/persistence/prisma/prisma.service.js';
import { createTestDatabase, prepareServer } from '../test/support/database.js';
import { startApacheKafka } from '../test/support/kafka/apache/cluster.js';
import { kafkaJars } from '../test/support/kafka/apache/jars.js';
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
const isApacheKafka = Boolean(process.env['KAFKA_BROKERS']) || kafkaJars() !== null;
const kafka = await (process.env['KAFKA_BROKERS'] || !isApacheKafka ? startKafka() : startApacheKafka());
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

/** Measures kafkajs alone and the relay by each client alternately, and prints the ratios. */
async function compareRelayWithKafkajs(): Promise<void> {
  const config = kafkaConfigOf(kafka.brokers, { newTopics: { partitions: 12, replicationFactor: -1 } });
  // The mock cluster does not have the versions of the protocol that the other client speaks.
  const clients = isApacheKafka ? KAFKA_CLIENTS : (['kafkajs'] as const);
  const ratios = new Map<string, number[]>(clients.map((client) => [client, []]));
  for (let round = 1; round <= rounds; round++) {
    const { waiting } = await fillOutbox();
    const alone = await measure(() => sendWithKafkajs(config, waiting));
    console.log(`Round ${round}: kafkajs alone ${describe(alone)}`);
    // Each client is the first one in turn, which finds the caches colder.
    for (const client of round % 2 === 0 ? clients.toReversed() : clients) {
      await fillOutbox();
      const transport = await openKafkaTransport({ ...config, client });
      const relay = new OutboxRelay(new OutboxRepository(prisma), transport);
      const relayed = await measure(() => relay.processAll());
      await relay.beforeApplicationShutdown();
      ratios.get(client)?.push(relayed.rate / alone.rate);
      console.log(
        `Round ${round}: relay by ${client} ${describe(relayed)}, ratio ${(relayed.rate / alone.rate).toFixed(2)}`,
      );
    }
  }
  for (const [client, each] of ratios) {
    console.log(
      `Ratio by ${client}, median of ${rounds} rounds of ${rows.toLocaleString('en')} records: ${median(each).toFixed(2)}`,
    );
  }
}

async function fillOutbox(): Promise<{ readonly waiting: readonly OutboxRow[] }> {
  await owner.query('TRUNCATE analytics_outbox');
  await owner.query(FILL_SQL, [rows]);
  await owner.query('VACUUM ANALYZE analytics_outbox');
  const { rows: waiting } = await owner.query<OutboxRow>('SELECT * FROM analytics_outbox ORDER BY sequence');
  return { waiting };
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

interface Measured {
  /** records per second */
  readonly rate: number;
  /** CPU time of this process for each record */
  readonly cpuMicroseconds: number;
}

/** @param work returns the number of its records */
async function measure(work: () => Promise<number>): Promise<Measured> {
  const before = process.cpuUsage();
  const { result, ms } = await elapsed(work);
  const { user, system } = process.cpuUsage(before);
  return { rate: result / (ms / 1000), cpuMicroseconds: (user + system) / result };
}

function describe({ rate, cpuMicroseconds }: Measured): string {
  return `${Math.round(rate).toLocaleString('en')}/s, ${cpuMicroseconds.toFixed(0)} µs of CPU each`;
}
