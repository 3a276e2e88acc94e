import { ConsoleLogger, Logger, type LogLevel } from '@nestjs/common';
import { DeadLetterReplayError } from '../../application/ports/dead-letters.port.js';
import { ConfigurationError } from '../../config/environment.js';
import { EmbeddedPostgresError } from '../../infrastructure/embedded/embedded-postgres-error.js';
import { isServiceException } from '../../shared/exceptions/service-exception.js';
import type { CommandDefinition } from './command-definition.js';
import { parseCommandLine } from './command-line.js';
import { UsageError } from './usage-error.js';

const LINGER_MS = 1000;

/** Logs to standard error, because a program may read the result on standard output. */
class StandardErrorLogger extends ConsoleLogger {
  protected override printMessages(
    messages: unknown[],
    context?: string,
    logLevel?: LogLevel,
    _stream?: 'stdout' | 'stderr',
    errorStack?: unknown,
    params?: Record<string, unknown>,
  ): void {
    super.printMessages(messages, context, logLevel, 'stderr', errorStack, params);
  }
}

export const scriptLogger = new StandardErrorLogger({
  logLevels: ['warn', 'error', 'fatal'],
  colors: process.stderr.isTTY,
});

/**
 * Runs a command unless its help is wanted or its arguments are wrong.
 * The exit code is the result of `work`, 1 after a failure and 2 after a wrong command line.
 *
 * @param work receives a signal that Ctrl-C aborts: finish the in-flight work and return
 */
export async function runScript<Arguments>(
  definition: CommandDefinition<Arguments>,
  work: (given: Arguments, signal: AbortSignal) => Promise<number>,
): Promise<void> {
  try {
    const commandLine = parseCommandLine(definition, process.argv.slice(2));
    if (commandLine.help === null) await runWork((signal) => work(commandLine.given, signal));
    else console.log(commandLine.help);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}

async function runWork(work: (signal: AbortSignal) => Promise<number>): Promise<void> {
  Logger.overrideLogger(scriptLogger);
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      interrupt.abort();
    });
  }
  process.exitCode = await work(interrupt.signal).catch((error: unknown) => {
    console.error(explain(error));
    return error instanceof UsageError ? 2 : 1;
  });
  // A connection that a library left open must not keep the process alive.
  setTimeout(() => process.exit(), LINGER_MS).unref();
}

function explain(error: unknown): string {
  const isOurs =
    error instanceof UsageError ||
    error instanceof ConfigurationError ||
    error instanceof EmbeddedPostgresError ||
    error instanceof DeadLetterReplayError ||
    isServiceException(error);
  if (isOurs) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
