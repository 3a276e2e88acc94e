import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../../src/app.module.js';
import { loadConfiguration, readEnvironment } from '../../src/config/configuration.js';
import { ConfigurationError } from '../../src/config/environment.js';
import { EmbeddedPostgresError } from '../../src/infrastructure/embedded/embedded-postgres-error.js';
import { prepareDatabase } from '../../src/infrastructure/embedded/prepare-database.js';
import { DomainException } from '../../src/shared/exceptions/domain.exception.js';

/** The command line is wrong; the message says what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface CommandContext {
  readonly app: INestApplicationContext;
  /** Aborted by Ctrl-C: finish what is under way and end. */
  readonly signal: AbortSignal;
}

/**
 * Runs a command with the application but without its server and its jobs. Works beside a running service, and alone:
 * it joins the embedded database, or starts it for its own duration. Ends the process with the code that `work`
 * returns; 1 after a failure, 2 after a wrong command line.
 */
export async function runCommand(work: (context: CommandContext) => Promise<number>): Promise<void> {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      interrupt.abort();
    });
  }
  process.exitCode = await execute(work, interrupt.signal).catch((error: unknown) => {
    console.error(explain(error));
    return error instanceof UsageError ? 2 : 1;
  });
}

async function execute(
  work: (context: CommandContext) => Promise<number>,
  signal: AbortSignal,
): Promise<number> {
  const database = await prepareDatabase(loadConfiguration(readEnvironment()), (line) => {
    console.error(line);
  });
  try {
    const app = await NestFactory.createApplicationContext(
      AppModule.register(database.config, { role: 'command' }),
      { logger: ['warn', 'error', 'fatal'], abortOnError: false },
    );
    try {
      return await work({ app, signal });
    } finally {
      await app.close();
    }
  } finally {
    await database.release();
  }
}

function explain(error: unknown): string {
  const isOurs =
    error instanceof UsageError ||
    error instanceof ConfigurationError ||
    error instanceof EmbeddedPostgresError ||
    error instanceof DomainException;
  if (isOurs) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
