import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from './bootstrap.js';
import { loadConfiguration, readEnvironment, type Configuration } from './config/configuration.js';
import { ConfigurationError } from './config/environment.js';
import { EmbeddedPostgresError } from './infrastructure/embedded/embedded-postgres.js';
import { prepareDatabase, type PreparedDatabase } from './infrastructure/embedded/prepare-database.js';
import { AppLogger } from './logger.js';
import { welcome } from './welcome.js';

/** Draining is bounded: whoever restarts us must not wait for ever. */
const SHUTDOWN_TIMEOUT_MS = 15_000;

const logger = new Logger('Main');
let app: NestFastifyApplication | undefined;
let database: PreparedDatabase | undefined;
let stopping = false;

async function start(): Promise<void> {
  const config = loadConfiguration(readEnvironment());
  Logger.overrideLogger(new AppLogger(config.app));
  database = await prepareDatabase(config, (line) => {
    logger.log(line);
  });
  if (stopping) return;
  app = await createApp(database.config);
  await app.listen({ port: config.app.port, host: config.app.host });
  announce(app, config);
}

function announce(listening: NestFastifyApplication, config: Configuration): void {
  const address = listening.getHttpServer().address();
  const port = typeof address === 'object' && address !== null ? address.port : config.app.port;
  logger.log(`Listening on http://${config.app.host}:${port}`);
  if (config.app.nodeEnv === 'development') process.stdout.write(welcome(config, port));
}

/** Stop taking work, drain, close; the database goes last, because draining needs it. */
async function stop(reason: string, exitCode: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  logger.log(`Stopping: ${reason}`);
  setTimeout(() => {
    logger.error(`Not stopped after ${SHUTDOWN_TIMEOUT_MS / 1000} s; exiting all the same`);
    process.exit(1);
  }, SHUTDOWN_TIMEOUT_MS).unref();
  try {
    await app?.close();
  } catch (error) {
    logger.error('The application did not close cleanly', error);
  }
  await database?.release();
  process.exit(exitCode);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    void stop(signal, 0);
  });
}
process.on('uncaughtException', (error) => {
  logger.error('Uncaught exception', error);
  void stop('uncaught exception', 1);
});
process.on('unhandledRejection', (error) => {
  logger.error('Unhandled rejection', error);
  void stop('unhandled rejection', 1);
});

start().catch((error: unknown) => {
  if (error instanceof ConfigurationError || error instanceof EmbeddedPostgresError)
    logger.error(error.message);
  else if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    logger.error(
      'Another program listens on this port already. Stop it, or choose another one: PORT=3002 npm start',
    );
  } else logger.error('The service could not start', error);
  void stop('it could not start', 1);
});
