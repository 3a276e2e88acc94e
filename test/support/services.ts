/** What the global setup hands to the suites, by an environment variable that the workers inherit. */
export interface TestServices {
  /** owner's URL of a server for tests, and a database on it to connect to for creating others */
  readonly databaseUrl: string;
  readonly templateDatabase: string;
  readonly redisUrl: string;
}

const VARIABLE = 'ANALYTICS_TEST_SERVICES';

export function publishTestServices(services: TestServices): void {
  process.env[VARIABLE] = JSON.stringify(services);
}

export function testServices(): TestServices {
  const text = process.env[VARIABLE];
  if (text === undefined) {
    throw new Error(
      'The test services are not running: this suite belongs into test/integration or test/e2e.',
    );
  }
  return JSON.parse(text) as TestServices;
}
