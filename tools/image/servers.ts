import { accessSync, constants, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  acquireEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../src/infrastructure/embedded/embedded-postgres.js';
import { CheckFailedError } from '../support/check-steps.js';
import { freePort } from '../support/free-port.js';
import { hostEnvironment } from '../support/host-environment.js';
import { lastOutput, startProcess } from '../support/processes.js';
import { makeSecret } from './secret.js';

const REDIS_START_TIMEOUT_MS = 10_000;

export interface Redis {
  readonly port: number;
  readonly password: string;
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

/** Starts a Redis that requires a password; it ends with the processes of the check. */
export async function startRedis(directory: string): Promise<Redis> {
  if (!isOnPath('redis-server')) {
    throw new CheckFailedError(
      'redis-server is not installed; run "node tools/install-test-services.mjs" first',
    );
  }
  const [port, password] = [await freePort(), makeSecret()];
  const dataDirectory = join(directory, 'redis');
  mkdirSync(dataDirectory);
  const network = ['--bind', '127.0.0.1', '--port', String(port), '--requirepass', password];
  const redis = startProcess('redis-server', [...network, '--dir', dataDirectory, '--save', '']);
  const deadlineMs = performance.now() + REDIS_START_TIMEOUT_MS;
  while (!redis.output().includes('Ready to accept connections')) {
    if (redis.exit() !== undefined || performance.now() > deadlineMs) {
      throw new CheckFailedError(
        `redis-server does not accept connections after ${REDIS_START_TIMEOUT_MS / 1000} s:\n${lastOutput(redis)}`,
      );
    }
    await delay(50);
  }
  return { port, password };
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
