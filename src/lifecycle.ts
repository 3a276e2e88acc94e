import cluster from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
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
import { findFreePort } from './free-port.js';
import { AppLogger } from './logger.js';
import type { RunningService } from './running-service.js';
import { isServiceException } from './shared/exceptions/service-exception.js';
import { endsWithin } from './shared/utils/timeout.util.js';
import { refuseArguments } from './start-arguments.js';
import { welcome } from './welcome.js';
import { WorkerStartError } from './worker-messages.js';
import type { WorkerSupervisor } from './worker-supervisor.js';

/** Bounds the shutdown behind the grace period, so that an orchestrator never has to kill the process. */
const SHUTDOWN_TIMEOUT_MS = 15_000;
/** Share of that bound for the embedded database. */
const RELEASE_TIMEOUT_MS = 5_000;
/** Time beyond that bound after which the primary process kills a worker. */
const WORKER_EXIT_TIMEOUT_MS = 2_000;

refuseArguments(process.argv.slice(2));
const logger = new Logger('Main');
let appLogger: AppLogger | undefined;
let service: RunningService | undefined;
let supervisor: WorkerSupervisor | undefined;
let database: Promise<PreparedDatabase> | undefined;
let stopping = false;
/** Time between the announcement of the shutdown and its begin; 0 until the service listens. */
let graceMs = 0;
const grace = new AbortController();
let draining = false;
let exitCode = 0;

async function start(): Promise<void> {
  // Problems of the configuration and its files are logged in the form that the stage asks for.
  Logger.overrideLogger(new AppLogger(readLogSettings()));
  const raw = readEnvironment();
  const log = new AppLogger(readLogSettings(raw));
  appLogger = log;
  Logger.overrideLogger(log);
  const config = loadConfiguration(raw);
  if (cluster.isPrimary) switchLevelOnSignal(log, config.app.logLevel);
  if (config.app.workers > 1 && cluster.isPrimary) {
    await startWorkers(config, log);
    return;
  }
  database = prepareDatabase(config, (line) => {
    logger.log(line);
  });
  const prepared = await database;
  if (isStopping()) return;
  // The primary process of workers needs none of it.
  const { RunningService } = await import('./running-service.js');
  service = await RunningService.open(prepared.config, log);
  const port = await service.listen(config.app.port, config.app.host);
  graceMs = config.app.shutdownGraceSeconds * 1000;
  // A signal may have arrived while it began to listen.
  if (isStopping()) return;
  service.startWork();
  if (cluster.isPrimary) announce(config, port, service.hasPage);
}

/** Starts processes that each do what follows for themselves, as replicas do. */
async function startWorkers(config: Configuration, log: AppLogger): Promise<void> {
  const { workers, shutdownGraceSeconds } = config.app;
  const { WorkerSupervisor } = await import('./worker-supervisor.js');
  if (isStopping()) return;
  graceMs = shutdownGraceSeconds * 1000;
  // The port that the system chooses for a worker is gone with the last worker that listens on it.
  const port = config.app.port === 0 ? await findFreePort(config.app.host) : config.app.port;
  if (isStopping()) return;
  supervisor = new WorkerSupervisor({
    count: workers,
    level: log.currentLevel,
    environment: { PORT: String(port) },
    onGiveUp: () => void stop('workers crash too often'),
  });
  await supervisor.start();
  if (isStopping()) return;
  const connections = workers * config.database.poolSize;
  logger.log(`${workers} workers, with up to ${connections} connections to PostgreSQL for requests`);
  announce(config, port, config.http.dashboard);
}

/** Switches between the configured level and `debug`, so that a running process can be looked into. */
function switchLevelOnSignal(log: AppLogger, configured: LogLevel): void {
  process.on('SIGUSR2', () => {
    const level = log.currentLevel === 'debug' ? configured : 'debug';
    log.setLevel(level);
    logger.warn(`SIGUSR2: the log level is ${level}, LOG_LEVEL is ${configured}`);
    supervisor?.setLogLevel(level);
  });
}

function isStopping(): boolean {
  return stopping;
}

function announce(config: Configuration, port: number, hasPage: boolean): void {
  logger.log(`Listening on http://${config.app.host}:${port}`);
  if (config.app.nodeEnv === 'development') process.stdout.write(welcome(config, port, hasPage));
}

/**
 * Lets the readiness fail first, then stops taking work, drains, closes, and releases the database last, because
 * draining needs it. Whatever does not end in time is no loss: nothing is confirmed before it is stored.
 */
async function stop(reason: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  logger.log(`Stopping: ${reason}`);
  if (supervisor !== undefined) await stopWorkers(supervisor, reason);
  await waitForGrace();
  draining = true;
  const deadline = performance.now() + SHUTDOWN_TIMEOUT_MS;
  const closed = await within(SHUTDOWN_TIMEOUT_MS - RELEASE_TIMEOUT_MS, service?.close());
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

/** Waits for the end of all workers, each of which lets its readiness fail and drains as one process does. */
async function stopWorkers(workers: WorkerSupervisor, reason: string): Promise<never> {
  workers.announceStop(reason);
  const code = await workers.ended(graceMs + SHUTDOWN_TIMEOUT_MS + WORKER_EXIT_TIMEOUT_MS);
  process.exit(Math.max(code, exitCode));
}

/** Serves everything for the grace period, in which load balancers notice that the readiness fails. */
async function waitForGrace(): Promise<void> {
  if (service === undefined || graceMs === 0 || exitCode !== 0) return;
  service.announceShutdown();
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

/** @returns true when the work ended without an error in time */
async function within(timeoutMs: number, work: PromiseLike<unknown> | undefined): Promise<boolean> {
  try {
    return await endsWithin(Promise.resolve(work), timeoutMs);
  } catch (error) {
    logger.error('While stopping', error);
    return false;
  }
}

/** Starts the shutdown; a second time ends its grace period. */
function onStop(reason: string): void {
  if (stopping) {
    grace.abort();
    supervisor?.announceStop(reason);
  }
  void stop(reason);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // A terminal or systemd signals the whole group; workers are told by the primary process alone.
    if (cluster.isPrimary) onStop(signal);
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

if (cluster.isWorker) {
  const { linkToPrimary } = await import('./worker-link.js');
  linkToPrimary({
    onStop,
    onLogLevel: (level) => appLogger?.setLevel(level),
  });
}
start().catch((error: unknown) => {
  // A start that a signal has ended may fail in any way.
  if (stopping) return;
  if (error instanceof WorkerStartError) logger.debug(error.message);
  else if (
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
