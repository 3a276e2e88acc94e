/** The servers that the global setup passes to the workers in an environment variable. */
export interface TestServices {
  /** owner's URL of a test server, with a database from which others are created */
  readonly databaseUrl: string;
  readonly templateDatabase: string;
  readonly redisUrl: string;
  /** brokers of a shared Apache Kafka; null where Java or Maven is missing, and suites use librdkafka's mock */
  readonly kafkaBrokers: string | null;
  /** names the broker of the suites about Kafka, for the summary of a run */
  readonly kafka: string;
}

const VARIABLE = 'ANALYTICS_TEST_SERVICES';

export function publishTestServices(services: TestServices): void {
  process.env[VARIABLE] = JSON.stringify(services);
}

/** Returns null outside the suites, as in the benchmark. */
export function findTestServices(): TestServices | null {
  const text = process.env[VARIABLE];
  return text === undefined ? null : (JSON.parse(text) as TestServices);
}

export function testServices(): TestServices {
  const services = findTestServices();
  if (services === null) {
    throw new Error(
      'The test services are not running: this suite belongs into test/integration or test/e2e.',
    );
  }
  return services;
}
