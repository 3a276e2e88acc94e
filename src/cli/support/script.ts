import { ConsoleLogger, Logger, type LogLevel } from '@nestjs/common';
import { ConfigurationError } from '../../config/environment.js';
import { EmbeddedPostgresError } from '../../infrastructure/embedded/embedded-postgres-error.js';
import { DeadLetterReplayError } from '../../infrastructure/kafka/dead-letters/dead-letter-replay.js';
import { isServiceException } from '../../shared/exceptions/service-exception.js';
import { UsageError } from './usage-error.js';

const LINGER_MS = 1000;

/** Standard output is for what was asked for, which a program may read. */
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
 * Runs a command. Ends the process with the code that `work` returns; 1 after a failure, 2 after a wrong command line.
 *
 * @param work its signal is aborted by Ctrl-C: finish what is under way and end
 */
export async function runScript(work: (signal: AbortSignal) => Promise<number>): Promise<void> {
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
  // A connection that a library has left open must not keep a command from ending.
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
