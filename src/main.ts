import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DASHBOARD_PATH } from './api/http/dashboard/serve-dashboard.js';
import { LISTEN_BACKLOG } from './api/http/server-adapter.js';
import { announceShutdown, createApp, startWork } from './bootstrap.js';
import {
  loadConfiguration,
  readEnvironment,
  readLogSettings,
  type Configuration,
} from './config/configuration.js';
import { ConfigurationError } from './config/environment.js';
import type { LogLevel } from './config/variables/application.variables.js';
import { EmbeddedPostgresError } from './infrastructure/embedded/embedded-postgres-error.js';
import { prepareDatabase, type PreparedDatabase } from './infrastructure/embedded/prepare-database.js';
import { AppLogger } from './logger.js';
import { isServiceException } from './shared/exceptions/service-exception.js';
import { endsWithin } from './shared/utils/timeout.util.js';
import { refuseArguments } from './start-arguments.js';
import { welcome } from './welcome.js';

/** Bounds the shutdown behind the grace period, so that an orchestrator never has to kill the process. */
const SHUTDOWN_TIMEOUT_MS = 15_000;
/** Shares of that bound for requests in flight and for the embedded database. */
const REQUESTS_TIMEOUT_MS = 3_000;
const RELEASE_TIMEOUT_MS = 5_000;
const SWEEP_INTERVAL_MS = 50;

refuseArguments(process.argv.slice(2));
const logger = new Logger('Main');
let app: NestFastifyApplication | undefined;
let database: Promise<PreparedDatabase> | undefined;
let stopping = false;
/** Time between the announcement of the shutdown and its begin; 0 until the service listens. */
let graceMs = 0;
const grace = new AbortController();
let draining = false;
let exitCode = 0;

async function start(): Promise<void> {
  const raw = readEnvironment();
  // Problems of the configuration are logged in the form that the stage asks for.
  const appLogger = new AppLogger(readLogSettings(raw));
  Logger.overrideLogger(appLogger);
  const config = loadConfiguration(raw);
  switchLevelOnSignal(appLogger, config.app.logLevel);
  database = prepareDatabase(config, (line) => {
    logger.log(line);
  });
  const prepared = await database;
  if (stopping) return;
  app = await createApp(prepared.config, appLogger);
  await app.listen({ port: config.app.port, host: config.app.host, backlog: LISTEN_BACKLOG });
  graceMs = config.app.shutdownGraceSeconds * 1000;
  // A signal may have arrived while it began to listen.
  if (isStopping()) return;
  startWork(app);
  announce(app, config);
}

/** Switches between the configured level and `debug`, so that a running process can be looked into. */
function switchLevelOnSignal(appLogger: AppLogger, configured: LogLevel): void {
  process.on('SIGUSR2', () => {
    const level = appLogger.currentLevel === 'debug' ? configured : 'debug';
    appLogger.setLevel(level);
    logger.warn(`SIGUSR2: the log level is ${level}, LOG_LEVEL is ${configured}`);
  });
}

function isStopping(): boolean {
  return stopping;
}

function announce(listening: NestFastifyApplication, config: Configuration): void {
  const address = listening.getHttpServer().address();
  const port = typeof address === 'object' && address !== null ? address.port : config.app.port;
  logger.log(`Listening on http://${config.app.host}:${port}`);
  if (config.app.nodeEnv !== 'development') return;
  const hasPage = listening.getHttpAdapter().getInstance().hasRoute({ method: 'GET', url: DASHBOARD_PATH });
  process.stdout.write(welcome(config, port, hasPage));
}

/**
 * Lets the readiness fail first, then stops taking work, drains, closes, and releases the database last, because
 * draining needs it. Whatever does not end in time is no loss: nothing is confirmed before it is stored.
 */
async function stop(reason: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  logger.log(`Stopping: ${reason}`);
  await waitForGrace();
  draining = true;
  const deadline = performance.now() + SHUTDOWN_TIMEOUT_MS;
  const closed = await within(SHUTDOWN_TIMEOUT_MS - RELEASE_TIMEOUT_MS, close());
  if (!closed) {
    logger.warn('The application did not close in time or not cleanly; nothing that was confirmed is lost');
  }
  // Waits for a database that is still being prepared: a half-started server would be an orphan.
  const released = await within(
    deadline - performance.now(),
    database?.then(
      (prepared) => prepared.release(),
      () => undefined, // a failed preparation has been logged and cleaned up
    ),
  );
  if (!released) logger.warn('The embedded database could not be released; the next start joins it');
  process.exit(exitCode);
}

/** Serves everything for the grace period, in which load balancers notice that the readiness fails. */
async function waitForGrace(): Promise<void> {
  if (app === undefined || graceMs === 0 || exitCode !== 0) return;
  announceShutdown(app);
  logger.log(`Serving for ${graceMs / 1000} s more while the readiness fails; another signal ends this wait`);
  // An abort ends the wait.
  await delay(graceMs, undefined, { signal: grace.signal }).catch(() => undefined);
}

/** Ends the process with 1. Logs the first failure only; the drain causes further ones, which change nothing. */
function fail(reason: string, error: unknown): void {
  if (draining || exitCode !== 0) return;
  logger.error(reason, error);
  exitCode = 1;
  grace.abort();
  void stop(reason.toLowerCase());
}

/** Refuses new requests, answers those in flight, then stops jobs, buffers and connections. */
async function close(): Promise<void> {
  const listening = app;
  if (listening === undefined) return;
  // Closing ends connections that are idle at that moment. This sweep ends those that become idle later.
  const server = listening.getHttpServer();
  const sweep = setInterval(() => {
    server.closeIdleConnections();
  }, SWEEP_INTERVAL_MS);
  await within(REQUESTS_TIMEOUT_MS, listening.getHttpAdapter().getInstance().close());
  clearInterval(sweep);
  server.closeAllConnections();
  await listening.close();
}

/** @returns true when the work ended without an error in time */
async function within(timeoutMs: number, work: PromiseLike<unknown> | undefined): Promise<boolean> {
  try {
    return await endsWithin(Promise.resolve(work), timeoutMs);
  } catch (error) {
    logger.error('While stopping', error);
    return false;
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stopping) grace.abort();
    void stop(signal);
  });
}
process.on('uncaughtException', (error) => {
  fail('Uncaught exception', error);
});
process.on('unhandledRejection', (error) => {
  fail('Unhandled rejection', error);
});
// Ignores a closed output: a log that nobody reads is no reason to stop.
for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);

start().catch((error: unknown) => {
  // A start that a signal has ended may fail in any way.
  if (stopping) return;
  if (
    error instanceof ConfigurationError ||
    error instanceof EmbeddedPostgresError ||
    isServiceException(error)
  )
    logger.error(error.message);
  else if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    logger.error(
      'Another program listens on this port already. Stop it, or choose another one: PORT=3002 npm start',
    );
  } else logger.error('The service could not start', error);
  exitCode = 1;
  void stop('it could not start');
});
