import { cleanServer, prepareServer, TEMPLATE_DATABASE } from './database.js';
import { startApacheKafka } from './kafka/apache/cluster.js';
import { kafkaJars, kafkaVersion } from './kafka/apache/jars.js';
import { startPostgresServer } from './postgres.js';
import { startRedisServer } from './redis.js';
import { publishTestServices } from './services.js';

const undo: (() => Promise<void>)[] = [];

/** Starts the servers that the suites share, once for a test run. @param parts suites without Kafka start sooner */
export async function startServices(parts: { readonly kafka: boolean } = { kafka: true }): Promise<void> {
  const results = await Promise.allSettled([
    providePostgres(),
    provideRedis(),
    parts.kafka ? provideKafka() : null,
  ]);
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as Error] : [],
  );
  const [postgres, redis, kafka] = results;
  if (postgres.status === 'rejected' || redis.status === 'rejected' || kafka.status === 'rejected') {
    await stopServices();
    throw new Error(
      `The test services could not be had.\n${failures.map((error) => error.message).join('\n')}`,
    );
  }
  publishTestServices({
    databaseUrl: postgres.value,
    templateDatabase: TEMPLATE_DATABASE,
    redisUrl: redis.value,
    kafkaBrokers: kafka.value?.brokers ?? null,
    kafka: kafka.value?.name ?? 'none',
  });
}

export async function stopServices(): Promise<void> {
  await Promise.allSettled(undo.splice(0).map((step) => step()));
}

async function providePostgres(): Promise<string> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given !== undefined && given !== '') {
    const name = new URL(given).pathname.slice(1);
    if (!name.includes('test')) {
      throw new Error(
        `TEST_DATABASE_URL names the database "${name}"; a name for tests must contain "test".`,
      );
    }
    await prepareServer(given);
    undo.push(() => cleanServer(given));
    return given;
  }
  const server = await startPostgresServer();
  undo.push(() => server.stop());
  await prepareServer(server.ownerUrl);
  return server.ownerUrl;
}

async function provideRedis(): Promise<string> {
  const given = process.env['TEST_REDIS_URL'];
  if (given !== undefined && given !== '') return given;
  const server = await startRedisServer();
  undo.push(() => server.stop());
  return server.url;
}

/** Starts a broker that all suites share; those that kill brokers start their own. Says which one it is. */
async function provideKafka(): Promise<{ readonly brokers: string | null; readonly name: string }> {
  const kafka = await findKafka();
  process.stderr.write(`The suites about Kafka run against ${kafka.name}.\n`);
  return kafka;
}

async function findKafka(): Promise<{ readonly brokers: string | null; readonly name: string }> {
  const given = process.env['KAFKA_BROKERS'];
  if (given !== undefined && given !== '') return { brokers: given, name: 'the brokers of KAFKA_BROKERS' };
  if (kafkaJars() === null) {
    const name =
      "librdkafka's mock, because the jars of Apache Kafka are missing, which need Java 17, Maven and npm test: " +
      'Apache Kafka itself is not proven';
    return { brokers: null, name };
  }
  const cluster = await startApacheKafka();
  undo.push(() => cluster.stop());
  return { brokers: cluster.brokers, name: `Apache Kafka ${kafkaVersion()}` };
}
