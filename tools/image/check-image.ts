import { chmodSync, existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmbeddedPostgres } from '../../src/infrastructure/embedded/embedded-postgres.js';
import { IMAGE_NODE, installNode } from '../runtime/node-release.js';
import { CheckFailedError, runCheck, runStep, skipStep } from '../support/check-steps.js';
import { commandLineOf } from '../support/command-line-of.js';
import { killStartedProcesses, runSuccessfully } from '../support/processes.js';
import { BuildContext } from './build-context.js';
import { CHECK_IMAGE, type CheckImageOptions } from './check-image-command.js';
import { createComposeRoles } from './compose-roles.js';
import { ComposeSecrets } from './compose-secrets.js';
import { Container, nodeForContainer } from './container.js';
import { lintDockerfiles } from './hadolint.js';
import { readImagePlan, type ImagePlan } from './image-plan.js';
import { runImageScenes } from './image-scenes.js';
import { BUILD_STAGE, ImageTreeBuilder } from './image-tree.js';
import { chooseKafka, startPostgres, startRedis, type Redis } from './servers.js';

const ROOT = join(import.meta.dirname, '../..');
const CHMOD_TIMEOUT_MS = 20_000;
/** Packages of development, which the image must not have. */
const DEVELOPMENT_PACKAGES = [
  ...['@swc/core', 'embedded-postgres', 'eslint', 'jest', 'prisma', 'typescript'],
  // The built page has what it needs of these.
  ...['preact', 'uplot', 'vite'],
];

interface Servers {
  readonly postgres: Promise<EmbeddedPostgres>;
  readonly redis: Promise<Redis>;
  readonly secrets: ComposeSecrets;
}

/**
 * Follows the Dockerfile without Docker and runs the result as the image would run: on its Node, in production mode, as
 * its user, in a read-only tree, with PostgreSQL and Redis, and with Kafka only where KAFKA_BROKERS names a cluster.
 */
async function checkImage(options: CheckImageOptions): Promise<void> {
  const plan = readImagePlan(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'));
  // The image's user must be able to read what this process writes.
  process.umask(0o022);
  const directory = mkdtempSync(join(tmpdir(), 'analytics-image-'));
  chmodSync(directory, 0o711);
  const interrupted = rejectOnInterrupt();
  // The servers start while npm installs the packages.
  const secrets = await ComposeSecrets.create(ROOT, join(directory, 'secrets'));
  const servers = {
    postgres: startPostgres(directory),
    redis: startRedis(ROOT, directory, secrets),
    secrets,
  };
  for (const starting of [servers.postgres, servers.redis]) starting.catch(() => undefined);
  try {
    await Promise.race([interrupted, buildAndRun(plan, directory, servers, options)]);
  } finally {
    killStartedProcesses();
    await releasePostgres(servers.postgres);
    if (options.keep) console.log(`kept: ${join(directory, plan.image.name)}`);
    else await removeTree(directory);
  }
}

async function buildAndRun(
  plan: ImagePlan,
  directory: string,
  servers: Servers,
  { build }: CheckImageOptions,
): Promise<void> {
  const { image } = plan;
  await lintDockerfiles(ROOT);
  const builder = new ImageTreeBuilder(new BuildContext(ROOT), directory, build);
  const root = await runStep(
    build
      ? 'follow the Dockerfile'
      : `follow the Dockerfile, with dist of this checkout for stage ${BUILD_STAGE}`,
    () => builder.build(plan),
  );
  const app = join(root, image.workdir);
  expectNoDevelopmentPackages(app);
  await runSuccessfully('chmod', ['-R', 'a-w', root], { timeoutMs: CHMOD_TIMEOUT_MS });

  const [postgres, redis] = await runStep('start PostgreSQL and Redis', () =>
    Promise.all([servers.postgres, servers.redis]),
  );
  const { secrets } = servers;
  const roles = readFileSync(join(ROOT, 'database/compose/roles.sql'), 'utf8');
  await runStep('create the roles of docker-compose.yml', () =>
    createComposeRoles(postgres.ownerUrl, roles, secrets),
  );
  const node = await runStep(`fetch Node ${IMAGE_NODE}`, () => installNode(IMAGE_NODE));
  const container = new Container(image, root, nodeForContainer(directory, node));
  const kafka = await chooseKafka();
  if (!kafka.isAvailable) skipStep('use the service with Kafka', 'KAFKA_BROKERS is not set');
  await runImageScenes({ image, container, secrets, redis, kafka, directory });

  const sizes = ['node_modules', 'dist'].map((name) => `${name} ${megabytes(sizeOf(join(app, name)))}`);
  console.log(
    `Image tree: ${megabytes(sizeOf(root))} (${sizes.join(', ')}) on top of ${plan.stages[0]?.from ?? ''}; ` +
      `run on Node ${IMAGE_NODE}.`,
  );
}

function expectNoDevelopmentPackages(app: string): void {
  const found = DEVELOPMENT_PACKAGES.filter((name) => existsSync(join(app, 'node_modules', name)));
  if (found.length > 0) {
    throw new CheckFailedError(`The image contains development packages: ${found.join(', ')}`);
  }
}

function rejectOnInterrupt(): Promise<never> {
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => reject(new CheckFailedError(`interrupted by ${signal}`)));
    }
  });
  interrupted.catch(() => undefined);
  return interrupted;
}

async function releasePostgres(starting: Promise<EmbeddedPostgres>): Promise<void> {
  try {
    await (await starting).release();
  } catch (error) {
    console.error(error);
  }
}

async function removeTree(directory: string): Promise<void> {
  await runSuccessfully('chmod', ['-R', 'u+w', directory], { timeoutMs: CHMOD_TIMEOUT_MS });
  rmSync(directory, { recursive: true, force: true });
}

function sizeOf(path: string): number {
  const stats = lstatSync(path);
  if (!stats.isDirectory()) return stats.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

const options = commandLineOf(CHECK_IMAGE);
await runCheck(() => checkImage(options));
