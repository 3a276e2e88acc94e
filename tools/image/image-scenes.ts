import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CheckFailedError, runStep } from '../support/check-steps.js';
import { freePort } from '../support/free-port.js';
import { describeExit, lastOutput, waitForExit } from '../support/processes.js';
import { waitUntilReady } from '../support/wait-until-ready.js';
import type { ComposeSecrets } from './compose-secrets.js';
import type { Container, Environment } from './container.js';
import type { Image } from './image-plan.js';
import type { Kafka, Redis } from './servers.js';
import { exerciseService, INSTALL_ID, loadPage } from './service-requests.js';

const READY_TIMEOUT_MS = 30_000;
/** The service serves for 5 s more and drains for at most 15 s. */
const STOP_TIMEOUT_MS = 22_000;
const REQUIRED_VARIABLES = ['DATABASE_URL', 'REDIS_HOST', 'KAFKA_BROKERS', 'JWT_SECRET'];

const MIGRATE = ['node', 'dist/src/cli/migrate.js'];
const EVENTS_IMPORT = ['node', 'dist/src/cli/events-import.js'];
const DAU_CALCULATE = ['node', 'dist/src/cli/dau-calculate.js'];
const DAU_AUDIT = ['node', 'dist/src/cli/dau-audit.js'];

export interface SceneContext {
  readonly image: Image;
  readonly container: Container;
  readonly secrets: ComposeSecrets;
  readonly redis: Redis;
  readonly kafka: Kafka;
  /** Takes files that the container reads. */
  readonly directory: string;
}

type ServiceSettings = Environment & { readonly PORT: string };

/** Checks a container that runs beside its servers, from the first start without configuration to SIGTERM. */
export async function runImageScenes(context: SceneContext): Promise<void> {
  const { image, container, secrets } = context;
  await runStep('refuse to start without configuration and name the missing variables', () =>
    expectRefusal(image, container),
  );
  const migration = { DATABASE_MIGRATION_URL_FILE: secrets.path('database-migration-url') };
  await runStep('migrate as the owner, who is no superuser', () =>
    container.runExpecting(MIGRATE, migration, 'Applied: '),
  );
  await runStep('migrate again, with nothing to apply', () =>
    container.runExpecting(MIGRATE, migration, 'up to date'),
  );
  const settings = await makeSettings(context);
  await runStep('report unhealthy before the service runs', () =>
    expectUnhealthy(image, container, settings),
  );
  await runServiceScenes(context, settings);
}

async function expectRefusal(image: Image, container: Container): Promise<void> {
  const { exit, output } = await container.run(image.cmd, {});
  const unnamed = REQUIRED_VARIABLES.filter((name) => !output.includes(name));
  if (exit === 1 && unnamed.length === 0) return;
  throw new CheckFailedError(
    `The service ended with ${describeExit(exit)}, expected 1; not named: ${unnamed.join(', ')}\n${output}`,
  );
}

async function expectUnhealthy(image: Image, container: Container, settings: Environment): Promise<void> {
  const { exit, output } = await container.run(image.healthcheck, settings);
  if (exit !== 1) {
    throw new CheckFailedError(`The health check ended with ${describeExit(exit)}, expected 1\n${output}`);
  }
}

async function makeSettings({ secrets, redis, kafka }: SceneContext): Promise<ServiceSettings> {
  return {
    PORT: String(await freePort()),
    DATABASE_URL_FILE: secrets.path('database-url'),
    REDIS_HOST: '127.0.0.1',
    REDIS_PORT: String(redis.port),
    REDIS_PASSWORD_FILE: secrets.path('redis-password'),
    KAFKA_BROKERS: kafka.brokers,
    JWT_SECRET_FILE: secrets.path('jwt-secret'),
    JWT_SECRET_PREVIOUS_FILE: secrets.path('jwt-secret-previous'),
    INTERNAL_API_KEY_FILE: secrets.path('internal-api-key'),
  };
}

async function runServiceScenes(
  { image, container, secrets, kafka, directory }: SceneContext,
  settings: ServiceSettings,
): Promise<void> {
  const service = container.start(image.cmd, settings);
  const url = `http://127.0.0.1:${settings.PORT}`;
  try {
    await runStep(`start the service, ${kafka.isAvailable ? 'ready' : 'degraded without Kafka'}`, () =>
      waitUntilReady(url, service, {
        timeoutMs: READY_TIMEOUT_MS,
        status: kafka.isAvailable ? 'ok' : 'degraded',
      }),
    );
    await runStep('report healthy while the service runs', () =>
      container.runExpecting(image.healthcheck, settings, ''),
    );
    await runStep('accept an event and a heartbeat and report one online user', () =>
      exerciseService(url, secrets.read('jwt-secret')),
    );
    await runStep('serve the page with every file it names', () => loadPage(url));
    await runStep('run events-import, dau-calculate and dau-audit beside the service', () =>
      runOperatorCommands(container, settings, directory),
    );
    await runStep('stop in time with exit code 0 after SIGTERM', async () => {
      service.signal('SIGTERM');
      const exit = await waitForExit(service, STOP_TIMEOUT_MS);
      if (exit !== 0) throw new CheckFailedError(`The service ended with ${describeExit(exit)}`);
    });
  } catch (error) {
    console.error(`The service wrote:\n${lastOutput(service)}`);
    throw error;
  }
}

async function runOperatorCommands(
  container: Container,
  settings: Environment,
  directory: string,
): Promise<void> {
  const day = '2018-11-15';
  const file = join(directory, 'history.jsonl');
  const event = { eventName: 'app_session_start', installId: INSTALL_ID, clientTs: 1_542_254_400 };
  writeFileSync(file, `${JSON.stringify(event)}\n`, { mode: 0o644 });
  await container.runExpecting([...EVENTS_IMPORT, file], settings, '1');
  await container.runExpecting([...DAU_CALCULATE, day], settings, `${day}  1`);
  await container.runExpecting([...DAU_AUDIT, day], settings, 'No drift');
}
