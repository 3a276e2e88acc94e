import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CORE_SCHEMA, load, mergeTag } from 'js-yaml';
import {
  acquireEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../src/infrastructure/embedded/embedded-postgres.js';
import { CheckFailedError } from '../support/check-steps.js';
import { freePort } from '../support/free-port.js';
import { hostEnvironment } from '../support/host-environment.js';
import { lastOutput, startProcess } from '../support/processes.js';
import type { ComposeSecrets } from './compose-secrets.js';

const REDIS_START_TIMEOUT_MS = 10_000;

export interface Redis {
  readonly port: number;
}

export interface Kafka {
  readonly brokers: string;
  /** False for a closed port, without which the service must still serve. */
  readonly isAvailable: boolean;
}

/** Starts PostgreSQL with its data below `directory`; the caller releases it. */
export function startPostgres(directory: string): Promise<EmbeddedPostgres> {
  return acquireEmbeddedPostgres({
    dataDirectory: join(directory, 'postgres'),
    port: 0,
    settings: { fsync: 'off' },
  });
}

/** Starts the Redis of docker-compose.yml, which requires a password; it ends with the processes of the check. */
export async function startRedis(root: string, directory: string, secrets: ComposeSecrets): Promise<Redis> {
  if (!isOnPath('redis-server')) {
    throw new CheckFailedError(
      'redis-server is not installed; run "node tools/install-test-services.mjs" first',
    );
  }
  const port = await freePort();
  const dataDirectory = join(directory, 'redis');
  mkdirSync(dataDirectory);
  const [program = '', ...args] = commandOfRedis(root).map((argument) => secrets.relocate(argument));
  const place = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dataDirectory, '--save', ''];
  const redis = startProcess(program, [...args, ...place]);
  const deadlineMs = performance.now() + REDIS_START_TIMEOUT_MS;
  while (!redis.output().includes('Ready to accept connections')) {
    if (redis.exit() !== undefined || performance.now() > deadlineMs) {
      throw new CheckFailedError(
        `redis-server does not accept connections after ${REDIS_START_TIMEOUT_MS / 1000} s:\n${lastOutput(redis)}`,
      );
    }
    await delay(50);
  }
  return { port };
}

function commandOfRedis(root: string): readonly string[] {
  const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
  const { services } = load(text, { schema: CORE_SCHEMA.withTags(mergeTag) }) as {
    readonly services: { readonly redis: { readonly command: readonly string[] } };
  };
  return services.redis.command;
}

/** Returns the cluster that KAFKA_BROKERS names, or a closed port. */
export async function chooseKafka(): Promise<Kafka> {
  const brokers = hostEnvironment()['KAFKA_BROKERS'];
  return brokers
    ? { brokers, isAvailable: true }
    : { brokers: `127.0.0.1:${await freePort()}`, isAvailable: false };
}

function isOnPath(program: string): boolean {
  const directories = (hostEnvironment()['PATH'] ?? '').split(delimiter);
  return directories.some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return directory !== '';
    } catch {
      return false;
    }
  });
}
